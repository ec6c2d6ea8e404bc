//! What customers ask the support assistant, and what it answers.

use crate::Language;

/// A conversation: questions and answers in turn, the most common topics first.
pub(super) struct Topic {
    pub(super) language: Language,
    pub(super) turns: &'static [(&'static str, &'static str)],
}

macro_rules! topics {
    ($($language:ident: $($question:literal => $answer:literal)+;)*) => {
        &[$(Topic { language: Language::$language, turns: &[$(($question, $answer)),+] }),*]
    };
}

pub(super) static TOPICS: &[Topic] = topics! {
    English:
        "Hi, my parcel {order} was due on Monday and the tracking has not moved since." =>
        "I am sorry about that. Order {order} left our warehouse on time, but the carrier has not scanned it for {days} days. I have opened a search with them; they answer within two working days."
        "And if they do not find it?" =>
        "Then we send a new {item} at once, or refund {amount} EUR if you prefer. You do not have to return anything should the first one turn up."
        "A new one please. Can you send it to my office instead?" =>
        "Of course. Please give me the full address of your office, with the name that stands at the door. I will note it for the replacement of {order}."
        "Millbrook Lane 14, 3rd floor, ask for {name}." =>
        "Noted: Millbrook Lane 14, 3rd floor, care of {name}. If the search ends without a result, the new {item} goes there the same day, and you get an e-mail with its tracking number.";
    English:
        "I want to return the {item}, it is not for me." =>
        "No problem. You have 60 days from delivery. What is the order number?"
        "{order}" =>
        "Thank you. I have sent a return label for {order} to your e-mail address. Pack the {item} in any box, bring it to a parcel shop, and keep the receipt. The refund of {amount} EUR follows 3 to 5 working days after we receive it."
        "Do I get the shipping back as well?" =>
        "Yes, if you return the whole order. As {order} holds only this one item, the refund includes the shipping that you paid.";
    English:
        "My refund for {order} is late. You have had the parcel for {days} days." =>
        "You are right, it should have been paid by now. I see the {item} was booked in {days} days ago, but the refund got stuck at the payment provider. I have started it again: {amount} EUR will be on your card in 3 to 5 working days."
        "That is what your colleague said last week." =>
        "I understand the annoyance, and I am sorry. This time I can see the confirmation of the payment provider, reference RF-{order}. I am also sending you a voucher of 10 % for the trouble. If nothing has arrived by the end of next week, reply here and a colleague will pay it by bank transfer.";
    English:
        "Does the {item} come with a European plug?" =>
        "Yes, the {item} that we ship within Europe has a type F plug and runs on 220 to 240 V. For the UK we add an adapter to the box at no cost.";
    English:
        "the {item} stopped working. it is {days} weeks old" =>
        "I am sorry to hear that. Two quick questions before I replace it: does any light come on when you plug it in, and have you tried another socket?"
        "no light, tried three sockets" =>
        "Then it is a fault that our two-year warranty covers. I can send you a new {item} right away. Please tell me the order number and whether the delivery address is still the same."
        "{order}, same address" =>
        "Done. Your replacement is on its way and will reach you in about {days} days. You will find a label for the broken one in the box; please send it back within four weeks.";
    English:
        "Can I change the address of order {order}? I just placed it." =>
        "Yes, it has not been packed yet. Which address should it go to?"
        "Rosengasse 3, 1010 Vienna" =>
        "Changed. Order {order} now goes to Rosengasse 3, 1010 Vienna. The delivery takes about {days} days and costs you nothing extra.";
    English:
        "Which is quieter, the {item} or the one you had last year?" =>
        "The current {item} is the quieter of the two: 52 dB against 61 dB at full speed, measured at one metre. If noise matters most to you, the setting 'night' brings it down to 45 dB."
        "Is it on offer?" =>
        "Not at the moment; it costs {amount} EUR. If you subscribe to the newsletter you get 5 % off your next order, and that includes the {item}.";
    English:
        "You charged me twice!! {amount} EUR, two times, same day" =>
        "That must be alarming. I see two authorisations for {order}, of which only one was collected. The second one is a reservation that your bank releases by itself, usually within {days} days. Nothing has been taken twice."
        "My bank says it is booked, not reserved." =>
        "Then I would rather have a colleague look at it with your bank's reference at hand. I have handed your case over with everything you wrote; you will hear from {name} today.";
    Spanish:
        "Hola, el pedido {order} figura como entregado pero no lo he recibido." =>
        "Lamento el inconveniente. El transportista dice que lo dejó con un vecino hace {days} días. ¿Podría preguntar en su edificio? Mientras tanto he abierto una reclamación."
        "He preguntado a todos y nadie lo tiene." =>
        "Gracias por comprobarlo. Le enviamos de nuevo {item} sin coste. Recibirá el número de seguimiento hoy mismo por correo electrónico."
        "Perfecto, muchas gracias. ¿Cuánto tarda?" =>
        "Unos {days} días laborables. Si prefiere el reembolso de {amount} EUR, dígamelo antes de mañana.";
    Spanish:
        "Quiero devolver {item}. ¿Cómo lo hago?" =>
        "Tiene 60 días desde la entrega. Le he enviado una etiqueta de devolución por correo; el reembolso de {amount} EUR llega entre 3 y 5 días laborables después de recibir el paquete."
        "¿Puedo cambiarlo por otro color?" =>
        "Sí. Indíqueme el color y el número de pedido, y reservo uno para usted mientras llega la devolución.";
    French:
        "Bonjour, je n'ai toujours pas reçu mon remboursement pour {order}." =>
        "Bonjour, je suis désolé pour ce retard. Votre retour a été enregistré il y a {days} jours ; j'ai relancé le remboursement de {amount} EUR, qui arrivera sur votre carte sous 3 à 5 jours ouvrés."
        "Et si ce n'est pas le cas ?" =>
        "Répondez simplement à ce message : un collègue fera alors un virement le jour même."
        "D'accord, merci." =>
        "Avec plaisir. Bonne journée à vous.";
    French:
        "Est-ce que {item} est garantie deux ans ?" =>
        "Oui, deux ans à partir de la livraison, pièces et main-d'œuvre. Gardez simplement le numéro de commande."
        "La mienne fuit depuis hier, commande {order}." =>
        "Alors la garantie s'applique. Je vous en envoie une neuve aujourd'hui ; vous trouverez dans le carton une étiquette pour renvoyer l'ancienne.";
    German:
        "Hallo, wo bleibt meine Bestellung {order}?" =>
        "Guten Tag! Die Sendung wurde vor {days} Tagen an den Paketdienst übergeben und seither nicht mehr gescannt. Ich habe einen Nachforschungsauftrag gestellt und melde mich, sobald es etwas Neues gibt."
        "Wie lange dauert so etwas?" =>
        "In der Regel zwei Werktage. Taucht das Paket nicht auf, schicken wir {item} noch einmal oder erstatten {amount} EUR, ganz wie Sie möchten."
        "Dann bitte noch einmal schicken." =>
        "Gern. Ist die Lieferadresse unverändert? Dann geht die Ersatzlieferung noch heute raus.";
    German:
        "Ich möchte {item} umtauschen, die Größe passt nicht." =>
        "Das geht gern. Wie lautet die Bestellnummer, und welche Größe brauchen Sie?"
        "{order}, eine Nummer größer" =>
        "Danke. Die größere ist vorrätig und für Sie zurückgelegt. Das Rücksendeetikett habe ich Ihnen per E-Mail geschickt.";
    Japanese:
        "注文{order}の返金はいつになりますか。" =>
        "ご不便をおかけして申し訳ございません。返品は{days}日前に到着しており、{amount}ユーロの返金手続きを本日行いました。3〜5営業日でお支払い方法に反映されます。"
        "カードを解約した場合はどうなりますか。" =>
        "その場合は銀行振込で返金いたします。口座名義と口座番号をお知らせください。";
    Japanese:
        "{item}が動かなくなりました。購入してまだ{days}週間です。" =>
        "ご迷惑をおかけしております。二年間の保証期間内ですので、無償で交換いたします。ご注文番号を教えていただけますか。"
        "{order}です。" =>
        "ありがとうございます。新しい商品を本日発送いたします。故障した商品は同梱の伝票でご返送ください。"
        "助かります。ありがとうございました。" =>
        "とんでもございません。またのご利用をお待ちしております。";
    Chinese:
        "你好,我的订单{order}还没收到。" =>
        "您好,非常抱歉。包裹在{days}天前已交给快递公司,之后没有更新。我已经提交查询,两个工作日内会有结果。"
        "如果丢了怎么办?" =>
        "如果确认丢失,我们会免费补发{item},或者全额退款{amount}欧元,您可以任选其一。";
    Chinese:
        "{item}可以退货吗?" =>
        "可以,签收后60天内都可以退货。请告诉我订单号,我马上把退货标签发到您的邮箱。"
        "{order}" =>
        "谢谢,退货标签已发送。我们收到包裹后3到5个工作日内退款{amount}欧元。";
};

//! What the words of each generated language are made of.
//!
//! The hundred or so commonest words are real; the others are put together from
//! beginnings, vowels, ends and endings, in which letters stand as often as they
//! do in the language, near enough.

/// A language of generated texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    French,
    German,
    Chinese,
}

/// How a language makes words. What stands twice in a list is twice as common.
pub struct Sounds {
    /// Real words, commonest first.
    pub common: &'static str,
    /// How many words there are.
    pub words: usize,
    /// What a syllable begins with.
    pub onsets: &'static str,
    /// Its vowels.
    pub vowels: &'static str,
    /// What it ends with; `-` is nothing.
    pub ends: &'static str,
    /// Endings of long words; `-` is nothing.
    pub endings: &'static str,
    /// One long word in so many begins with a capital.
    pub capitals: u32,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::French, Self::German, Self::Chinese];

    /// Its sounds; Chinese words are put together from characters instead.
    pub const fn sounds(self) -> Sounds {
        match self {
            Self::English => ENGLISH,
            Self::French => FRENCH,
            Self::German => GERMAN,
            Self::Chinese => CHINESE,
        }
    }
}

const ENGLISH: Sounds = Sounds {
    common: "the of and to a in is that for it you was on with as be at by this have from or not are but they an we were \
        had can there been if more when will would who so no out up into do any your what has our which their about could \
        other than then them some these its may like only new time over also after first two how now see my because each \
        just those people made between should such here very where need work while before through still back both well get \
        order account please",
    words: 40_000,
    onsets: "t t t t s s s s r r r r n n n l l l l d d d c c c c m m m p p p b b h h f f w w g v v st tr pr pl ch sh br cl sp qu k",
    vowels: "e e e e e e a a a a a i i i i o o o o u u u ea ou ee ai",
    ends: "- - - - - - n n n r r r s s t t l l d m nd nt st ck ng p",
    endings: "- - - - - - - - s s s ed ed er er y e e e ing ing ly tion ment al ous ive ity ent",
    capitals: 40,
};

const FRENCH: Sounds = Sounds {
    common: "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la avec son ou \
        vous nous je sa ses mais comme on tout cette aux fait si été leur bien peut ces deux même entre sans aussi elle \
        après ont encore être avoir faire votre notre mon très où donc avant depuis autres moins sous dont quand toujours \
        jour fois temps chez ainsi vers merci bonjour commande compte",
    words: 30_000,
    onsets: "d d l l l r r s s s t t p p c c m m n n v b f f g ch qu qu tr pr pl br cr gr cl bl j gn h",
    vowels: "e e e e e a a a i i i o o u u é é é è ou ou ai oi eu au ê à",
    ends: "- - - - - - n n r r s s t l m x nt rs",
    endings: "- - - - - e e e e s s es er er ez ée é tion ment eur ité age ant ent",
    capitals: 60,
};

const GERMAN: Sounds = Sounds {
    common: "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat \
        dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr \
        durch man sein wurde wenn können schon ich wir uns ihr ihre unser dann unter soll kein muss wieder immer seit ohne \
        gegen jetzt bitte danke heute Bestellung Konto",
    words: 30_000,
    onsets: "d d d n n n s s s r r r t t t h h b b g g l l l m m w w f f k k z sch st p v tr br gr",
    vowels: "e e e e e e i i i a a a u u o o ei ei ie ie au ä ü ö eu",
    ends: "- - - - n n n n r r r s t t l m nd ng cht ch st ck ss ß rt",
    endings: "- - - - en en en en er er er e e e t te st ung ung heit lich isch ig",
    capitals: 3,
};

/// Characters that stand often in Chinese texts; rarer ones come from the block itself.
const CHINESE: Sounds = Sounds {
    common: "的 是 了 在 我们 有 和 不 这 他 您 请 为 个 到 可以 一个 就 也 都 要 没有 会 对 用户 订单 退款 账户 问题 时间 客户 \
        服务 支付 确认 已经 如果 因为 所以 需要 产品 收到 地址 物流 发票 质量 取消 会员 优惠 评价 帮助 延迟 信息",
    words: 12_000,
    onsets: "",
    vowels: "",
    ends: "",
    endings: "",
    capitals: 0,
};

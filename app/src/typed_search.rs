//! A search field that the address follows once typing rests.

use leptos::prelude::*;

/// What is typed into a field, and what of it the address has.
#[derive(Clone, Copy)]
pub struct TypedSearch {
    /// The text of the field.
    pub text: RwSignal<String>,
    /// The last text that was sent to the address, or came from there.
    sent: StoredValue<String>,
    /// Counts what was typed, to know what came last.
    typed_count: StoredValue<u32>,
    rest_ms: u32,
    send: Callback<String>,
}

impl TypedSearch {
    /// A field that begins with the text of the address and follows it; `send`
    /// is to put a text there.
    pub fn new(
        address: Signal<String>,
        rest_ms: u32,
        send: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        let first = address.get_untracked();
        let field = Self {
            text: RwSignal::new(first.clone()),
            sent: StoredValue::new(first),
            typed_count: StoredValue::new(0),
            rest_ms,
            send: Callback::new(send),
        };
        Effect::new(move |_| {
            let text = address.get();
            // Any other text than the one that was sent came from elsewhere, like Back.
            if field.sent.with_value(|sent| *sent != text) {
                field.sent.set_value(text.clone());
                field.text.set(text);
            }
        });
        field
    }

    /// Takes up what was typed.
    pub fn typed(self, text: String) {
        self.text.set(text);
        self.typed_count.update_value(|count| *count = count.wrapping_add(1));
        let number = self.typed_count.get_value();
        leptos::task::spawn_local(async move {
            crate::browser::sleep_ms(self.rest_ms).await;
            // When the field is gone its values are too.
            if self.typed_count.try_get_value() == Some(number) {
                self.send_now();
            }
        });
    }

    /// Sends the text unless it was sent already; whether it was new.
    pub fn send_now(self) -> bool {
        let text = self.text.get_untracked().trim().to_owned();
        let is_new = self.sent.with_value(|sent| *sent != text);
        if is_new {
            self.sent.set_value(text.clone());
            self.send.run(text);
        }
        is_new
    }
}

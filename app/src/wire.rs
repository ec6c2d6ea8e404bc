//! Answers of the server as the JSON text that they are, decoded where they
//! are used.
//!
//! Resources and server functions are generic code that the compiler writes out
//! once for every type that goes through them, which in WebAssembly is most of
//! its size. Here only one type goes through them, whatever it holds.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::de::DeserializeOwned;

use crate::error::AppError;

/// The JSON of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire(String);

/// An answer, or why there is none.
pub type Answer = Result<Wire, AppError>;

/// The encoding of server functions that answer with a [`Wire`].
pub type WireJson = Post<WireEncoding>;

/// A [`Wire`] is its own JSON.
pub struct WireEncoding;

/// How resources carry an [`Answer`] from the server to the browser: a mark for
/// good or bad, then the JSON.
pub struct AnswerCodec;

/// A question on its way to the server, with the type of its answer.
pub struct Call<T> {
    future: AnswerFuture,
    answer: PhantomData<fn() -> T>,
}

/// An answer to come.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

const GOOD: char = '+';
const BAD: char = '-';

impl Wire {
    /// The JSON of an answer.
    ///
    /// # Errors
    /// `internal` for what cannot be JSON.
    #[cfg(feature = "ssr")]
    pub fn of<T: serde::Serialize>(answer: &T) -> Answer {
        serde_json::to_string(answer).map(Self).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "answer is no JSON");
            AppError::internal()
        })
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// `internal` when it has another form, as after an update of the server.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        serde_json::from_str(&self.0).map_err(|_| AppError::Internal { request_id: None })
    }
}

impl<T: DeserializeOwned> Call<T> {
    /// The call of a server function.
    pub fn of(future: impl Future<Output = Answer> + Send + 'static) -> Self {
        Self { future: Box::pin(future), answer: PhantomData }
    }

    /// Waits for the answer as it comes.
    #[must_use]
    pub fn into_future(self) -> AnswerFuture {
        self.future
    }

    /// Waits for the answer and reads it.
    ///
    /// # Errors
    /// What the server function answers with.
    pub async fn fetch(self) -> Result<T, AppError> {
        self.future.await?.decode()
    }
}

impl ContentType for WireEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for WireEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Wire> for WireEncoding {
    type Error = std::convert::Infallible;

    fn encode(wire: &Wire) -> Result<Bytes, Self::Error> {
        Ok(Bytes::from(wire.0.clone()))
    }
}

impl Decodes<Wire> for WireEncoding {
    type Error = std::string::FromUtf8Error;

    fn decode(bytes: Bytes) -> Result<Wire, Self::Error> {
        String::from_utf8(bytes.into()).map(Wire)
    }
}

impl Encoder<Answer> for AnswerCodec {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(answer: &Answer) -> Result<String, Self::Error> {
        match answer {
            Ok(Wire(json)) => Ok(format!("{GOOD}{json}")),
            Err(error) => Ok(format!("{BAD}{}", serde_json::to_string(error)?)),
        }
    }
}

impl Decoder<Answer> for AnswerCodec {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<Answer, Self::Error> {
        match text.strip_prefix(GOOD) {
            Some(json) => Ok(Ok(Wire(json.to_owned()))),
            None => serde_json::from_str(text.strip_prefix(BAD).unwrap_or(text)).map(Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_way_to_the_browser() {
        for answer in [Wire::of(&vec!["a", "-"]), Err(AppError::NotFound)] {
            let text = AnswerCodec::encode(&answer).unwrap();
            assert_eq!(AnswerCodec::decode(&text).unwrap(), answer);
        }
    }

    #[test]
    fn another_form_is_an_error_and_no_panic() {
        let wire = Wire::of(&1).unwrap();
        assert!(wire.decode::<String>().is_err());
        assert_eq!(wire.decode::<u8>().unwrap(), 1);
    }
}

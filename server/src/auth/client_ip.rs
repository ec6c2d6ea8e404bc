//! The address that a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{Extensions, HeaderMap};

use super::proxies::is_forwarded;
use crate::state::AppState;

/// Done once a request has come through a proxy while none is trusted.
static UNTRUSTED: Once = Once::new();

/// The client's address, also as an argument of a handler: the peer's, unless that is a
/// trusted proxy, which says whom it speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(client_ip(&parts.extensions)))
    }
}

/// Middleware that finds out the client's address, once.
pub async fn locate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = peer_ip(request.extensions());
    if state.trusted_proxies.is_empty() && is_forwarded(request.headers()) {
        UNTRUSTED.call_once(|| {
            tracing::warn!(
                %peer,
                "a request came through a proxy that is not trusted, so that all who come through it share what one address may do; if it is yours, set RUNS_TRUSTED_PROXIES to its address"
            );
        });
    }
    let client = state.trusted_proxies.client(peer, request.headers());
    request.extensions_mut().insert(ClientIp(client));
    next.run(request).await
}

/// The client's address, as [`locate`] found it.
#[must_use]
pub fn client_ip(extensions: &Extensions) -> IpAddr {
    extensions.get::<ClientIp>().map_or_else(|| peer_ip(extensions), |client| client.0)
}

/// The address at the other end of the connection; the unspecified one when it is not known.
fn peer_ip(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical())
}

/// What one subscriber has: the address itself in version 4, and in version 6 the
/// 64 bits in which a subscriber can choose any address.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

/// Whether a request was made on this machine, as far as the connection tells. Behind a
/// proxy on this machine every request looks so: see [`is_forwarded`].
#[must_use]
pub fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    peer_ip(extensions).is_loopback() && !is_forwarded(headers)
}

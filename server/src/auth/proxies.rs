//! Proxies in front of the server that are believed when they say whom they speak for.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED: &str = "forwarded";
const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_REAL_IP: &str = "x-real-ip";
/// What proxies add besides `x-forwarded-…`.
const SIGNS: [&str; 9] = [
    FORWARDED,
    X_REAL_IP,
    "via",
    "cf-connecting-ip",
    "fastly-client-ip",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
];

/// The networks of `RUNS_TRUSTED_PROXIES`. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// A part of the list that names no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must list networks like 10.0.0.0/8 or addresses, separated by commas, not {0:?}")]
pub struct InvalidNetwork(String);

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let address = || part.parse::<IpAddr>().map(|ip| IpNet::from(ip.to_canonical()));
            part.parse().or_else(|_| address()).map_err(|_| InvalidNetwork(part.to_owned()))
        };
        parts.map(network).collect::<Result<Vec<_>, _>>().map(|networks| Self(networks.into()))
    }
}

impl TrustedProxies {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a proxy at this address is believed.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// The client of a request: the last address before the trusted proxies. What clients
    /// themselves write into the headers stands before it and is not looked at.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.contains(peer) {
            return peer;
        }
        let real = lines(headers, X_REAL_IP).map(|line| address(line.trim())).collect();
        let [x_forwarded_for, forwarded, real] =
            [x_forwarded_for(headers), forwarded(headers), real]
                .map(|hops| (!hops.is_empty()).then(|| self.before_proxies(peer, &hops)));
        // The last of several proxies may put the one before it there.
        let is_chained = x_forwarded_for.or(forwarded).is_some();
        let real = real.filter(|real| !(is_chained && self.contains(*real)));
        let mut told = [x_forwarded_for, forwarded, real].into_iter().flatten();
        let Some(client) = told.next() else { return peer };
        // A proxy writes some of them and may pass on another as the client made it up, so
        // that where they differ none is believed.
        if told.all(|other| other == client) { client } else { peer }
    }

    /// `hops` are in the order of the way here; `None` is one that names no address.
    fn before_proxies(&self, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut client = peer;
        for hop in hops.iter().rev() {
            match hop {
                Some(address) => client = *address,
                None => return client,
            }
            if !self.contains(client) {
                return client;
            }
        }
        client
    }
}

/// Whether a request shows any sign of having come through a proxy.
#[must_use]
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .map(http::HeaderName::as_str)
        .any(|name| SIGNS.contains(&name) || name.starts_with("x-forwarded-"))
}

fn lines<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().map(|line| line.to_str().unwrap_or("?"))
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    lines(headers, X_FORWARDED_FOR)
        .flat_map(|line| line.split(','))
        .map(|part| address(part.trim()))
        .collect()
}

/// The `for` of each element (RFC 7239, section 4).
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    lines(headers, FORWARDED)
        .flat_map(|line| line.split(','))
        .map(|element| {
            element.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let is_for = name.trim().eq_ignore_ascii_case("for");
                is_for.then(|| address(value.trim().trim_matches('"'))).flatten()
            })
        })
        .collect()
}

/// An address with or without a port, and in version 6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted: TrustedProxies = "10.0.0.0/8, 127.0.0.1,fd00::/8".parse().unwrap();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_last_address_before_the_trusted_ones_is_the_client() {
        for (headers, expected) in [
            (vec![("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
            (vec![("x-forwarded-for", "6.6.6.6, 203.0.113.7, 10.1.1.1")], "203.0.113.7"),
            (vec![("x-forwarded-for", "203.0.113.7:41234")], "203.0.113.7"),
            (vec![("x-forwarded-for", "::ffff:203.0.113.7")], "203.0.113.7"),
            (vec![("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
            (vec![("x-forwarded-for", "10.3.3.3, 10.2.2.2")], "10.3.3.3"),
            (
                vec![("forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:4711\";proto=https")],
                "2001:db8::1",
            ),
            (vec![("x-real-ip", "203.0.113.7")], "203.0.113.7"),
            (vec![("x-forwarded-for", "203.0.113.7"), ("x-real-ip", "10.2.2.2")], "203.0.113.7"),
        ] {
            assert_eq!(client("10.0.0.1", &headers), expected, "{headers:?}");
        }
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(client("127.0.0.1", &lines), "203.0.113.7");
    }

    #[test]
    fn nobody_else_is_believed_and_nonsense_ends_the_search() {
        assert_eq!(client("192.0.2.1", &[("x-forwarded-for", "203.0.113.7")]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        for value in ["203.0.113.7, unknown", "203.0.113.7, _hidden, 10.2.2.2", "", "203.0.113.7,"]
        {
            let client = client("10.0.0.1", &[("x-forwarded-for", value)]);
            assert!(client.starts_with("10."), "{value}: {client}");
        }
        let differ = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(client("10.0.0.1", &differ), "10.0.0.1");
        for real in ["198.51.100.1", "unknown"] {
            let differ = [("x-forwarded-for", "203.0.113.7"), ("x-real-ip", real)];
            let expected = if real == "unknown" { "203.0.113.7" } else { "10.0.0.1" };
            assert_eq!(client("10.0.0.1", &differ), expected, "{real}");
        }
        let agree = [("x-forwarded-for", "203.0.113.7"), ("x-real-ip", "203.0.113.7")];
        assert_eq!(client("10.0.0.1", &agree), "203.0.113.7");
        let agree = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7")];
        assert_eq!(client("10.0.0.1", &agree), "203.0.113.7");
    }

    #[test]
    fn what_is_no_network_is_named() {
        let error = "10.0.0.0/8,10.0.0.0/40".parse::<TrustedProxies>().unwrap_err();
        assert!(error.to_string().contains("10.0.0.0/40"), "{error}");
        assert!("localhost".parse::<TrustedProxies>().is_err());
        assert!(TrustedProxies::default().is_empty());
        assert!(!TrustedProxies::default().contains(IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn signs_of_a_proxy_are_seen() {
        let headers = |name: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), "x".parse().unwrap())])
        };
        for name in ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip"] {
            assert!(is_forwarded(&headers(name)), "{name}");
        }
        assert!(!is_forwarded(&headers("user-agent")));
    }
}

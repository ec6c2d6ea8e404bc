//! Keeps requests from reaching the inside of the network that the server is in.
//!
//! A name is checked on what it resolves to, at the moment of the connection,
//! and the connection goes to the very addresses that were checked: a name that
//! changes its mind between check and use gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The resolver found internal addresses only.
#[derive(Debug, thiserror::Error)]
#[error("resolves to an internal address")]
pub(crate) struct PrivateAddress;

/// Resolves names, and drops internal addresses unless they are allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|address| allow_private || is_public(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(PrivateAddress.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether a name leads to internal addresses alone.
pub(crate) async fn resolves_inside(name: &str) -> bool {
    let Ok(found) = tokio::net::lookup_host((name, 0)).await else { return false };
    let found: Vec<SocketAddr> = found.collect();
    !found.is_empty() && !found.iter().any(|address| is_public(address.ip()))
}

/// Whether the host of a URL is an address that is written out and internal.
/// Such hosts never reach a resolver.
pub(crate) fn is_private_literal(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => !is_public(IpAddr::V6(ip)),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Whether an address belongs to the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// By the special-purpose registry of RFC 6890 and its updates.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    // Azure's host agent answers on this one, although it looks public.
    const AZURE_HOST: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmark = a == 198 && (b == 18 || b == 19);
    let internal = a == 0
        || a >= 224
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocol
        || relay
        || benchmark
        || ip == AZURE_HOST;
    !internal
}

/// Only global unicast is public, and NAT64 addresses of public IPv4 ones
/// (RFC 6052), which is how hosts without IPv4 see the rest of the world.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    if [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(Ipv4Addr::from(u32::from(g) << 16 | u32::from(h)));
    }
    let global = (0x2000..0x4000).contains(&a);
    let six_to_four = a == 0x2002;
    let protocol = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    global && !(six_to_four || protocol || documentation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_of_this_machine_lead_inside() {
        assert!(resolves_inside("localhost").await);
        assert!(!resolves_inside("nothing.invalid").await);
    }

    #[test]
    fn internal_addresses_are_known() {
        for internal in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(internal.parse().unwrap()), "{internal}");
        }
        for public in [
            "1.1.1.1",
            "64:ff9b::101:101",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2001:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn odd_spellings_of_addresses_are_seen_through() {
        for url in [
            "http://127.1/v1",
            "http://2130706433/v1",
            "http://0x7f.0.0.1/v1",
            "http://0177.0.0.1/",
            "http://[::ffff:7f00:1]/v1",
            "http://①②⑦.0.0.1/",
        ] {
            assert!(is_private_literal(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(!is_private_literal(&Url::parse("https://api.openai.com/v1").unwrap()));
    }
}

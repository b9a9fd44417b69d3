//! The conditions of a statement.

use std::{net::IpAddr, str::FromStr};

use super::{Request, error::Problem, pattern::Glob};

/// One operator on one key. It holds when one of its values matches; a negated one, when none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    SourceIp(Vec<Range>),
    Text(Key, Vec<Wanted>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Exactly(String),
    Like(Glob),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    PrincipalArn,
    UserAgent,
}

impl Condition {
    pub(super) fn parse(operator: &str, key: &str, values: &[&str]) -> Result<Self, Problem> {
        let unsupported = || Problem::Key { operator: operator.to_owned(), key: key.to_owned() };
        let texts = |exact: bool| {
            let key = Key::parse(key).ok_or_else(unsupported)?;
            let wanted = |value: &&str| {
                let value = (*value).to_owned();
                if exact { Wanted::Exactly(value) } else { Wanted::Like(Glob::new(value)) }
            };
            Ok(Test::Text(key, values.iter().map(wanted).collect()))
        };
        let addresses = || {
            if !key.eq_ignore_ascii_case("aws:SourceIp") {
                return Err(unsupported());
            }
            let ranges = values.iter().map(|value| value.parse());
            Ok(Test::SourceIp(ranges.collect::<Result<_, _>>()?))
        };
        let (negated, test) = match operator {
            "IpAddress" => (false, addresses()?),
            "NotIpAddress" => (true, addresses()?),
            "StringEquals" => (false, texts(true)?),
            "StringNotEquals" => (true, texts(true)?),
            "StringLike" => (false, texts(false)?),
            "StringNotLike" => (true, texts(false)?),
            _ => return Err(Problem::Operator(operator.to_owned())),
        };
        Ok(Self { negated, test })
    }

    /// A request that has nothing under the key matches no value.
    pub(super) fn holds(&self, request: &Request<'_>) -> bool {
        let matches = match &self.test {
            Test::SourceIp(ranges) => {
                request.source_ip.is_some_and(|ip| ranges.iter().any(|range| range.contains(ip)))
            }
            Test::Text(key, values) => {
                key.of(request).is_some_and(|text| values.iter().any(|value| value.matches(text)))
            }
        };
        matches != self.negated
    }
}

impl Wanted {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exactly(wanted) => wanted == text,
            Self::Like(pattern) => pattern.matches(text),
        }
    }
}

impl Key {
    /// Capitals do not matter in keys.
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "aws:principalarn" => Some(Self::PrincipalArn),
            "aws:useragent" => Some(Self::UserAgent),
            _ => None,
        }
    }

    fn of<'a>(self, request: &Request<'a>) -> Option<&'a str> {
        match self {
            Self::PrincipalArn => request.principal_arn,
            Self::UserAgent => request.user_agent,
        }
    }
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    address: IpAddr,
    bits: u32,
}

impl Range {
    /// An IPv4 address that came over an IPv6 socket is an IPv4 address.
    fn contains(self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(range), IpAddr::V4(ip)) => {
                let differ = range.to_bits() ^ ip.to_bits();
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(range), IpAddr::V6(ip)) => {
                let differ = range.to_bits() ^ ip.to_bits();
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Range {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::Range(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?,
            None => most,
        };
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_addresses_with_its_bits() {
        for (range, ip, inside) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("203.0.113.0/24", "::ffff:203.0.113.7", true),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let parsed: Range = range.parse().unwrap();
            assert_eq!(parsed.contains(ip.parse().unwrap()), inside, "{range} {ip}");
        }
        for text in ["", "203.0.113.0/33", "203.0.113.0/", "203.0.113/24", "::/129", "anywhere"] {
            assert_eq!(text.parse::<Range>(), Err(Problem::Range(text.to_owned())), "{text}");
        }
    }
}

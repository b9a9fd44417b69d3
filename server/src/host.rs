//! Hosts, as they are compared.

/// A host without its port, without the dot of a full name, in lower case, and without the brackets
/// of an IPv6 address.
pub(crate) fn host(requested: &str) -> String {
    let name = match requested.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        // More than one colon is an IPv6 address without brackets, which has no port.
        None => match requested.split_once(':') {
            Some((name, port)) if !port.contains(':') => name,
            _ => requested,
        },
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn what_does_not_tell_hosts_apart_is_left_out() {
        for written in ["chat.example", "CHAT.example:443", "chat.example.", "chat.example.:8080"] {
            assert_eq!(host(written), "chat.example");
        }
        assert_eq!(host("[::1]:8080"), "::1");
        assert_eq!(host("::1"), "::1");
        assert_eq!(host(""), "");
    }
}

//! What names one delivery of one message.

use super::super::{GroupId, ReceiptHandle};

/// A receipt of the embedded queue: enough to find the message, and the number of its delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) sequence: u64,
    /// Never used twice, and unguessable where the counter began: an old receipt fits no later
    /// delivery, not even after a restart.
    pub(crate) delivery: u64,
    pub(crate) group: GroupId,
}

impl Receipt {
    pub(crate) fn to_handle(&self) -> ReceiptHandle {
        ReceiptHandle(format!("{:x}-{:x}-{}", self.sequence, self.delivery, self.group))
    }

    pub(crate) fn parse(handle: &ReceiptHandle) -> Option<Self> {
        let mut parts = handle.as_str().splitn(3, '-');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (sequence, delivery) = (number()?, number()?);
        let group = GroupId::new(parts.next()?).ok()?;
        Some(Self { sequence, delivery, group })
    }
}

#[cfg(test)]
mod tests {
    use super::{GroupId, Receipt, ReceiptHandle};

    #[test]
    fn a_receipt_survives_its_text_whatever_the_group_is_called() {
        let receipt =
            Receipt { sequence: 7, delivery: u64::MAX, group: GroupId::new("a-b-c-").unwrap() };
        assert_eq!(Receipt::parse(&receipt.to_handle()), Some(receipt));
        for text in ["", "1-2", "1-2-", "x-2-g", "1-y-g"] {
            assert_eq!(Receipt::parse(&ReceiptHandle::from(text.to_owned())), None);
        }
    }
}

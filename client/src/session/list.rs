//! Lists that grow without the standard library's way to fail.

use alloc::vec::Vec;

/// [`Vec::push`], except that without memory it panics with a fixed text. The usual panic formats how
/// much was asked for, and all that formats is a tenth of the module in the npm package.
pub(super) fn push<T>(list: &mut Vec<T>, item: T) {
    let has_room = list.try_reserve(1).is_ok() && list.len() < list.capacity();
    assert!(has_room, "out of memory");
    list.push(item);
}

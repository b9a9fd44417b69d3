//! Lists: growing ones, and ones that take no allocator.
//!
//! The module in the npm package has the second kind. What makes a [`Vec`](alloc::vec::Vec) grow, and
//! what complains when it cannot, would be a tenth of it.

#[cfg(all(feature = "js", target_arch = "wasm32"))]
pub(super) use fixed::List;
#[cfg(not(all(feature = "js", target_arch = "wasm32")))]
pub(super) use growing::List;

#[cfg(not(all(feature = "js", target_arch = "wasm32")))]
mod growing {
    use alloc::vec::Vec;

    /// A list that takes what it gets; `N` is for the other kind.
    #[derive(Debug)]
    pub(in super::super) struct List<T, const N: usize>(Vec<T>);

    impl<T: Copy, const N: usize> List<T, N> {
        pub(in super::super) const fn new(_: T) -> Self {
            Self(Vec::new())
        }

        /// Whether there is no room for more.
        #[expect(clippy::unused_self, reason = "lists of the other kind look at themselves")]
        pub(in super::super) const fn is_full(&self) -> bool {
            false
        }

        pub(in super::super) fn push(&mut self, item: T) {
            self.0.push(item);
        }

        pub(in super::super) fn as_slice(&self) -> &[T] {
            &self.0
        }

        pub(in super::super) fn as_mut_slice(&mut self) -> &mut [T] {
            &mut self.0
        }

        pub(in super::super) fn clear(&mut self) {
            self.0.clear();
        }

        /// Takes out the item at an index, if there is one.
        pub(in super::super) fn remove(&mut self, index: usize) {
            if index < self.0.len() {
                self.0.remove(index);
            }
        }
    }
}

#[cfg(any(all(test, not(target_arch = "wasm32")), all(feature = "js", target_arch = "wasm32")))]
mod fixed {
    /// A list of at most `N` items. More than that are ignored.
    #[derive(Debug)]
    #[repr(C)] // the length is beside what is before the list
    pub(in super::super) struct List<T, const N: usize> {
        length: usize,
        slots: [T; N],
    }

    impl<T: Copy, const N: usize> List<T, N> {
        /// `filler` is what unused slots hold. If that is all zeros they take no room in the module.
        pub(in super::super) const fn new(filler: T) -> Self {
            Self { slots: [filler; N], length: 0 }
        }

        /// Whether there is no room for more.
        pub(in super::super) const fn is_full(&self) -> bool {
            self.length >= N
        }

        pub(in super::super) fn push(&mut self, item: T) {
            if let Some(slot) = self.slots.get_mut(self.length) {
                *slot = item;
                self.length += 1;
            }
        }

        pub(in super::super) fn as_slice(&self) -> &[T] {
            &self.slots[..self.length.min(N)]
        }

        pub(in super::super) fn as_mut_slice(&mut self) -> &mut [T] {
            &mut self.slots[..self.length.min(N)]
        }

        pub(in super::super) fn clear(&mut self) {
            self.length = 0;
        }

        /// Takes out the item at an index, if there is one.
        pub(in super::super) fn remove(&mut self, index: usize) {
            let mut items = self.as_mut_slice().iter_mut().skip(index);
            if let Some(mut gap) = items.next() {
                for item in items {
                    *gap = *item;
                    gap = item;
                }
                self.length -= 1;
            }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_kinds_hold_the_same(steps in prop::collection::vec((0..9_usize, any::<u8>()), 0..99)) {
            let mut growing = super::growing::List::<u8, 0>::new(0);
            let mut fixed = super::fixed::List::<u8, 64>::new(0);
            for (index, item) in steps {
                match item {
                    0..160 if !fixed.is_full() => {
                        growing.push(item);
                        fixed.push(item);
                    }
                    250.. => {
                        growing.clear();
                        fixed.clear();
                    }
                    _ => {
                        growing.remove(index);
                        fixed.remove(index);
                    }
                }
                prop_assert_eq!(growing.as_slice(), fixed.as_slice());
                prop_assert_eq!(growing.as_mut_slice(), fixed.as_mut_slice());
            }
        }
    }
}

//! Ids that were given out. None is given twice.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Ids remembered. Among 36¹² ids the chance that one comes again is nil with or without memory; what the memory decides is
/// that a seat that was given up is not opened again by its token, which can happen only in the first 30 s of a
/// reopened meeting. Somebody who joins and leaves in a loop meets the rate limit long before this many.
const REMEMBERED: usize = 65_536;

#[derive(Debug, Default)]
pub(crate) struct UsedIds {
    known: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
}

impl UsedIds {
    /// False if it was used before.
    pub(crate) fn insert(&mut self, id: &Arc<str>) -> bool {
        if !self.known.insert(Arc::clone(id)) {
            return false;
        }
        self.order.push_back(Arc::clone(id));
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let mut used = UsedIds::default();
        for id in 0..=REMEMBERED {
            assert!(used.insert(&Arc::from(id.to_string())));
        }
        assert_eq!(used.known.len(), REMEMBERED);
        assert!(!used.contains("0"));
        assert!(!used.insert(&Arc::from("1")));
    }
}

//! Whom a participant follows, and when it takes over itself.
//!
//! Two things were mended here against the first plan. A candidate that hears of a living successor follows it, even one that
//! stands later than itself: it has lost the host, the other has the meeting, and to open a second room on principle would only
//! be undone by a merge. And a successor that no record of ours names is followed if a *newer* record of the same host names it:
//! who missed the last record would otherwise follow nobody.

use std::time::Duration;

use crate::chain::Claim;
use crate::ids::KeyId;
use crate::limits::{CANDIDATE_FOR, CANDIDATE_YIELDS};
use crate::rulings::Rulings;

/// Whether one who holds `ours` and has lost its host may follow `theirs`, which is verified.
///
/// Its host stands in our own record; or, where the two chains part, the other one goes on with somebody whom our record of that
/// host names, or a newer one does, and nobody on the way was banned. A ban alone does not break a chain to somebody we know: a
/// half may have been led for a while by one whom the other half removed.
pub(crate) fn is_vouched(ours: &Claim, theirs: &Claim, rulings: &Rulings) -> bool {
    let Some((mine, other, next)) = ours.parting(theirs) else {
        return false;
    };
    if rulings.is_banned(theirs.host()) {
        return false;
    }
    if ours.header().rank(KeyId::of(theirs.host())).is_some() {
        return true;
    }
    if theirs
        .headers()
        .skip_while(|header| header.term() != other.term())
        .skip(1)
        .any(|header| rulings.is_banned(&header.host))
    {
        return false;
    }
    next.is_none_or(|next| {
        other.version >= mine.version || mine.rank(KeyId::of(&next.host)).is_some()
    })
}

/// How long a candidate asks: longer while somebody earlier in the order `answers`, who may be about to notice as well.
pub(crate) fn candidacy(answers: bool) -> Duration {
    if answers {
        CANDIDATE_YIELDS
    } else {
        CANDIDATE_FOR
    }
}

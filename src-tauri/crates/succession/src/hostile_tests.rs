//! False hosts, and what they might try. Real keys throughout.

use crate::chain::{Claim, FalseHost};
use crate::ids::{Founding, Hash, MeetingId};
use crate::limits::TERMS;
use crate::record::{HeaderBody, Record};
use crate::rulings::Rule;
use crate::signer::{Signer as _, Verified};
use crate::testing::{Key, Room, app, ms};
use crate::wire::Malformed;
use crate::{Input, Standing};

fn body(meeting: MeetingId, epoch: u32, host: &Key, base: Hash) -> HeaderBody {
    HeaderBody {
        meeting,
        epoch,
        version: 0,
        host: host.public(),
        fingerprint: [7; 32],
        opened: [1; 16],
        base,
        previous: base,
        stand: Vec::new(),
        apps: 0,
        members: [0; 32],
        rulings: [0; 32],
    }
}

fn founding(founder: &Key) -> Founding {
    Founding {
        founder: founder.public(),
        nonce: [9; 16],
        start: 1,
    }
}

/// The founder's claim, with these members after it.
fn founded(founder: &Key, others: &[&Key]) -> Claim {
    let founding = founding(founder);
    let members = [founder].into_iter().chain(others.iter().copied());
    let members = members.zip(0..).map(|(key, joined)| app(key, joined));
    let body = body(founding.id(), 0, founder, [0; 32]);
    let record = Record::sign(body, members.collect(), founder).unwrap();
    Claim::new(founding, Vec::new(), record)
}

/// `host` takes over from `before`, said to be in `epoch`, signed by `signer`.
fn follow_as(before: &Claim, epoch: u32, host: &Key, signer: &Key) -> Claim {
    let header = before.header();
    let mut members = before.record().members().to_vec();
    if before.record().member(&host.public()).is_none() {
        members.push(app(host, 99));
    }
    let body = body(header.meeting, epoch, host, header.hash());
    before.followed_by(Record::sign(body, members, signer).unwrap())
}

fn follow(before: &Claim, host: &Key) -> Claim {
    follow_as(before, before.header().epoch + 1, host, host)
}

fn verify(claim: &Claim, founder: &Key) -> Result<(), FalseHost> {
    claim.verify(founding(founder).id(), founder, &mut Verified::default())
}

#[test]
fn a_chain_from_the_id_to_the_third_host_is_good() {
    let (ada, ben, eve) = (Key::new(), Key::new(), Key::new());
    let claim = follow(&follow(&founded(&ada, &[&ben, &eve]), &ben), &eve);
    assert_eq!(verify(&claim, &ada), Ok(()));
    let read = Claim::decode(&claim.encode()).unwrap();
    assert_eq!(read, claim);
    assert_eq!(verify(&read, &ada), Ok(()));
}

#[test]
fn a_successor_without_a_chain_is_a_false_host() {
    let (ada, eve) = (Key::new(), Key::new());
    // A meeting of her own, under the other's name.
    assert_eq!(verify(&founded(&eve, &[]), &ada), Err(FalseHost::Beginning));
    // The right beginning, and herself as host of epoch 0.
    let body = body(founding(&ada).id(), 0, &eve, [0; 32]);
    let record = Record::sign(body, vec![app(&eve, 0)], &eve).unwrap();
    let claim = Claim::new(founding(&ada), Vec::new(), record);
    assert_eq!(verify(&claim, &ada), Err(FalseHost::Beginning));
    // A true record, in which she does not stand.
    let claim = follow(&founded(&ada, &[]), &eve);
    assert_eq!(verify(&claim, &ada), Err(FalseHost::NotNamed));
}

#[test]
fn a_record_signed_by_a_stranger_is_refused() {
    let (ada, ben, eve) = (Key::new(), Key::new(), Key::new());
    let claim = follow_as(&founded(&ada, &[&ben]), 1, &ben, &eve);
    assert_eq!(verify(&claim, &ada), Err(FalseHost::Signature));
    // Nor because the same record was seen with a good signature before.
    let mut verified = Verified::default();
    let before = founded(&ada, &[&ben]);
    let good = follow_as(&before, 1, &ben, &ben);
    let bad = follow_as(&before, 1, &ben, &eve);
    assert_eq!(good.header().hash(), bad.header().hash());
    let mut check = |claim: &Claim| claim.verify(founding(&ada).id(), &ada, &mut verified);
    assert_eq!(check(&good), Ok(()));
    assert_eq!(check(&bad), Err(FalseHost::Signature));
}

#[test]
fn an_inflated_epoch_is_refused() {
    let (ada, ben) = (Key::new(), Key::new());
    let claim = follow_as(&founded(&ada, &[&ben]), 40, &ben, &ben);
    assert_eq!(verify(&claim, &ada), Err(FalseHost::Epoch));
    let claim = follow_as(
        &founded(&ada, &[&ben]),
        u32::try_from(TERMS).unwrap(),
        &ben,
        &ben,
    );
    assert_eq!(Claim::decode(&claim.encode()), Err(Malformed::Bound));
}

#[test]
fn a_link_cannot_be_left_out_nor_members_put_in() {
    let (ada, ben, eve) = (Key::new(), Key::new(), Key::new());
    let first = founded(&ada, &[&ben, &eve]);
    let third = follow(&follow(&first, &ben), &eve);
    let short = Claim::new(
        founding(&ada),
        vec![first.record.header.clone()],
        third.record.clone(),
    );
    assert_eq!(verify(&short, &ada), Err(FalseHost::Epoch));
    let other = founded(&ada, &[&ben, &eve, &Key::new()]);
    let links = vec![other.record.header.clone(), third.links[1].clone()];
    let mixed = Claim::new(founding(&ada), links, third.record.clone());
    assert_eq!(verify(&mixed, &ada), Err(FalseHost::NotFollowing));
    let mut padded = third;
    padded.record.members.push(app(&Key::new(), 50));
    assert_eq!(verify(&padded, &ada), Err(FalseHost::Members));
}

#[test]
fn a_true_claim_moves_nobody_who_hears_the_host() {
    let mut room = Room::new(2);
    // The first in the order takes over, though nothing happened.
    let before = Claim::clone(room.people[0].1.followed().unwrap());
    let claim = follow(&before, &room.people[1].0.clone());
    let eager = room.people[1].0.clone();
    room.people[1].2 = false;
    room.show(2, &eager, &claim, 6);
    assert_eq!((room.standing(2), room.epoch(2)), (Standing::Member, 0));
    assert_eq!(room.standing(0), Standing::Host);
}

#[test]
fn who_has_lost_the_host_does_not_follow_a_false_one() {
    let mut room = Room::new(1);
    let before = Claim::clone(room.people[0].1.followed().unwrap());
    room.people[0].2 = false;
    let eve = Key::new();
    room.show(1, &eve, &follow(&before, &eve), 10);
    assert_eq!(room.standing(1), Standing::Host, "it took over itself");
    assert_eq!(room.epoch(1), 1);
}

#[test]
fn somebody_removed_cannot_come_back_as_host_with_an_old_record() {
    let mut room = Room::new(3);
    let eve = room.people[1].0.clone();
    let old = Claim::clone(room.people[1].1.followed().unwrap());
    room.give(0, Input::Rule(Rule::Ban(eve.public(), true)));
    room.run(ms(1_000));
    assert_eq!(room.standing(1), Standing::Gone);
    // She has the old record, in which she is the first; and all others lose the host.
    let claim = follow(&old, &eve);
    assert_eq!(
        claim.verify(old.header().meeting, &eve, &mut Verified::default()),
        Ok(())
    );
    room.people[0].2 = false;
    room.people[1].2 = false;
    room.show(3, &eve, &claim, 10);
    let host = room.people[3].1.followed().unwrap();
    assert_eq!(*host.host(), room.people[2].0.public());
    assert!(host.record().member(&eve.public()).is_none());
}

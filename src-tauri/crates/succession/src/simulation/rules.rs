//! What has to be true at rest, in each part of the network whose people reach one another.

use crate::Standing;
use crate::rulings::Role;
use crate::takeover::is_vouched;

use super::world::{Person, World};

/// Says which rule is broken, and by whom.
pub(super) fn check(world: &World) -> Result<(), String> {
    for part in parts(world) {
        check_part(world, &part).map_err(|what| format!("part {part:?}: {what}"))?;
    }
    Ok(())
}

/// Running people who are in the meeting, by who reaches whom; and newcomers with a host that they reach.
fn parts(world: &World) -> Vec<Vec<usize>> {
    let people = &world.people;
    let mut left: Vec<usize> = (0..people.len())
        .filter(|&p| people[p].runs() && people[p].was_listed)
        .collect();
    let mut parts = Vec::new();
    while let Some(first) = left.pop() {
        let mut part = vec![first];
        let mut looked = 0;
        while let Some(&one) = part.get(looked) {
            looked += 1;
            let (near, far): (Vec<usize>, Vec<usize>) =
                left.iter().partition(|&&other| reach(world, one, other));
            part.extend(near);
            left = far;
        }
        let is_met = |&p: &usize| {
            let meets = |&host: &usize| people[host].hosts() && world.network.is_open(p, host);
            people[p].runs() && !people[p].was_listed && part.iter().any(meets)
        };
        let newcomers: Vec<usize> = (0..people.len()).filter(is_met).collect();
        part.extend(newcomers);
        part.sort_unstable();
        parts.push(part);
    }
    parts
}

/// Two who speak, or would: who dials whom follows from their records, or from the list of meetings.
fn reach(world: &World, a: usize, b: usize) -> bool {
    let (one, other) = (&world.people[a], &world.people[b]);
    let knows = |who: &Person, whom: &Person| {
        who.survivor
            .as_ref()
            .and_then(crate::Survivor::followed)
            .is_some_and(|claim| claim.record().member(&whom.key).is_some())
    };
    let dial = one.is_app
        && other.is_app
        && (knows(one, other) || knows(other, one) || one.hosts() && other.hosts());
    world.network.is_connected(a, b, dial)
}

fn check_part(world: &World, part: &[usize]) -> Result<(), String> {
    let people = &world.people;
    // Guests alone have nobody who could host; newcomers alone have not come in yet.
    let could_host = |&&p: &&usize| people[p].is_app && people[p].was_listed;
    if part.iter().filter(could_host).count() == 0 {
        return Ok(());
    }
    let hosts: Vec<usize> = part
        .iter()
        .copied()
        .filter(|&p| people[p].standing() == Standing::Host)
        .collect();
    let [host] = hosts[..] else {
        return Err(format!("hosts are {hosts:?}"));
    };
    let hosting = people[host].survivor.as_ref().unwrap();
    let claim = hosting.followed().unwrap();
    let mut waiting = Vec::new();
    for &p in part {
        let one = &people[p];
        let survivor = one.survivor.as_ref().unwrap();
        let listed = claim.record().member(&one.key);
        if hosting.rulings().is_banned(&one.key) {
            if one.standing() == Standing::Outside && listed.is_none() {
                continue;
            }
            return Err(format!("p{p} was removed and is here"));
        }
        if listed.is_none_or(|listed| listed.client != one.client) {
            return Err(format!("p{p} is not in the record as {}", one.client));
        }
        if p != host && one.standing() != Standing::Member {
            return Err(format!("p{p} is {:?}", one.standing()));
        }
        let own = survivor.followed().unwrap();
        if !one.is_app && !is_vouched(own, claim, survivor.rulings()) {
            // A newer record than this host's does not name it, or somebody on the way was removed: it waits for another, and
            // cannot be one.
            waiting.push(p);
            continue;
        }
        if own.header().hash() != claim.header().hash() {
            return Err(format!("p{p} has another record than the host"));
        }
        let texts = |survivor: &crate::Survivor| -> Vec<String> {
            survivor
                .log()
                .lines()
                .map(|line| line.text.clone())
                .collect()
        };
        if texts(survivor) != texts(hosting) {
            return Err(format!("p{p} has another chat than the host"));
        }
        if survivor.rulings().hash() != hosting.rulings().hash() {
            return Err(format!("p{p} has other rulings than the host"));
        }
    }
    let with: Vec<usize> = part
        .iter()
        .copied()
        .filter(|p| !waiting.contains(p))
        .collect();
    check_kept(world, &with, host)
}

/// What anybody here has known since it was said is known to all, once.
fn check_kept(world: &World, part: &[usize], host: usize) -> Result<(), String> {
    let hosting = world.people[host].survivor.as_ref().unwrap();
    let record = hosting.followed().unwrap().record();
    let is_held = |holders: u32| part.iter().any(|&p| holders & (1 << p) != 0);
    for line in &world.lines {
        let same = |kept: &&std::sync::Arc<crate::chat::Line>| kept.text == line.what;
        let times = hosting.log().lines().filter(same).count();
        if times > 1 {
            return Err(format!("{:?} is there {times} times", line.what));
        }
        if times == 0 && is_held(line.holders) {
            return Err(format!("{:?} is lost", line.what));
        }
    }
    for ban in &world.bans {
        let (whom, by) = ban.what;
        let dismissed = world
            .roles
            .iter()
            .any(|role| role.what == (by, Role::Participant));
        if !is_held(ban.holders) || dismissed {
            continue;
        }
        let key = &world.people[whom].key;
        if !hosting.rulings().is_banned(key) || record.member(key).is_some() {
            return Err(format!(
                "p{whom} was removed by p{by}, and that is forgotten"
            ));
        }
    }
    for role in &world.roles {
        let (whom, given) = role.what;
        let once = world.roles.iter().filter(|other| other.what.0 == whom);
        let key = &world.people[whom].key;
        if once.count() == 1 && is_held(role.holders) && hosting.rulings().role(key) != given {
            return Err(format!("p{whom} was made {given:?}, and that is forgotten"));
        }
    }
    Ok(())
}

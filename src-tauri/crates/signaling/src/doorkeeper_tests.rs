//! The door, without sockets and without a clock.

use landline_protocol::Identity;
use landline_trust::SigningKey;
use landline_trust::pake::Joiner;

use super::*;

const NOW: Duration = Duration::from_secs(100);
const CODE: &str = "424242";

/// A meeting with a code, and somebody who comes to it.
struct Scene {
    door: Doorkeeper,
    access: Access,
    host_key: PublicKey,
    key: PublicKey,
}

fn key() -> PublicKey {
    SigningKey::generate().unwrap().public()
}

fn scene() -> Scene {
    let host_key = key();
    let mut access = new_access(AccessMode::Code);
    access.code = Some(CODE.into());
    Scene {
        door: Doorkeeper::new("m".into(), Some(&host_key.to_string())),
        access,
        host_key,
        key: key(),
    }
}

fn exporter(connection: u64) -> Exporter {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&connection.to_be_bytes());
    Exporter(bytes)
}

fn join() -> Join {
    Join {
        room_id: "m".into(),
        name: None,
        v: Some(1),
        kind: None,
        state: None,
        resume: None,
        identity: None,
        proof: None,
        secret: None,
        code: None,
        knock: false,
    }
}

impl Scene {
    fn open(&mut self, connection: u64) {
        let connection = ConnectionId(connection);
        self.door.open(connection, Some(exporter(connection.0)));
    }

    fn start(&mut self, connection: u64, code: &str, now: Duration) -> (Joiner, ServerMessage) {
        let binding = Binding {
            meeting_id: "m".into(),
            joiner_key: self.key,
            exporter: exporter(connection),
        };
        let (joiner, message) = Joiner::start(&Code::parse(code).unwrap(), &binding);
        let step = CodeProof::Start {
            key: &self.key.to_string(),
            message: &BASE64URL_NOPAD.encode(&message),
        };
        let connection = ConnectionId(connection);
        (joiner, self.door.prove(connection, step, &self.access, now))
    }

    fn confirm(&mut self, connection: u64, tag: &[u8]) -> ServerMessage {
        let tag = BASE64URL_NOPAD.encode(tag);
        let step = CodeProof::Confirm { tag: &tag };
        let connection = ConnectionId(connection);
        self.door.prove(connection, step, &self.access, NOW)
    }

    /// The whole proof; the code of the error it ended with.
    fn prove(&mut self, connection: u64, code: &str, now: Duration) -> Result<(), ErrorCode> {
        let (joiner, reply) = self.start(connection, code, now);
        let ServerMessage::PakeReply { key, message } = reply else {
            return Err(error(&reply));
        };
        assert_eq!(key, self.host_key.to_string());
        let reply = BASE64URL_NOPAD.decode(message.as_bytes()).unwrap();
        let (joiner, tag) = joiner.finish(&self.host_key, &reply).unwrap();
        match self.confirm(connection, &tag) {
            ServerMessage::PakeConfirm { tag } => {
                let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).unwrap();
                joiner.check(&tag).unwrap();
                Ok(())
            }
            other => Err(error(&other)),
        }
    }

    fn joins_as(&mut self, connection: u64, key: PublicKey) -> Result<bool, ErrorCode> {
        let mut join = join();
        join.identity = Some(Identity {
            key: key.to_string(),
            fingerprint: String::new(),
            signature: String::new(),
        });
        self.clears(connection, &join, NOW)
    }

    fn types(&mut self, code: &str, now: Duration) -> Result<bool, ErrorCode> {
        let mut join = join();
        join.code = Some(code.into());
        self.clears(0, &join, now)
    }

    fn clears(&mut self, connection: u64, join: &Join, now: Duration) -> Result<bool, ErrorCode> {
        self.door
            .clears(ConnectionId(connection), join, &self.access, now)
            .map_err(|refusal| refusal.code)
    }
}

fn error(message: &ServerMessage) -> ErrorCode {
    match message {
        ServerMessage::Error { code, .. } => *code,
        other => panic!("no error: {other:?}"),
    }
}

#[test]
fn who_proves_the_code_comes_in_with_that_key_on_that_connection_alone() {
    let mut here = scene();
    let own = here.key;
    here.open(1);
    here.open(2);
    assert_eq!(here.joins_as(1, own), Ok(false));
    assert_eq!(here.prove(1, CODE, NOW), Ok(()));
    assert_eq!(here.joins_as(1, own), Ok(true));
    assert_eq!(here.joins_as(1, key()), Ok(false));
    assert_eq!(here.joins_as(2, own), Ok(false));
    here.door.forget(ConnectionId(1));
    here.open(1);
    assert_eq!(here.joins_as(1, own), Ok(false));
}

#[test]
fn a_code_that_was_changed_lets_in_nobody_who_proved_the_old_one() {
    let mut here = scene();
    let own = here.key;
    here.open(1);
    assert_eq!(here.prove(1, CODE, NOW), Ok(()));
    here.access.code = Some("000000".into());
    assert_eq!(here.joins_as(1, own), Ok(false));

    // The same between reply and confirmation.
    let (joiner, reply) = here.start(1, "000000", NOW);
    let ServerMessage::PakeReply { message, .. } = reply else {
        panic!("{reply:?}");
    };
    let reply = BASE64URL_NOPAD.decode(message.as_bytes()).unwrap();
    let (_, tag) = joiner.finish(&here.host_key, &reply).unwrap();
    here.access.code = Some("111111".into());
    assert_eq!(error(&here.confirm(1, &tag)), ErrorCode::WrongCode);
}

#[test]
fn a_wrong_code_leaves_the_connection_and_another_try() {
    let mut here = scene();
    here.open(1);
    assert_eq!(here.prove(1, "000000", NOW), Err(ErrorCode::WrongCode));
    assert_eq!(here.prove(1, CODE, NOW), Ok(()));
}

#[test]
fn five_wrong_codes_of_all_connections_and_browsers_together_are_all_in_a_minute() {
    let mut here = scene();
    let mut wrong = 0;
    for connection in 1..=50 {
        here.open(connection);
        let tried = if connection % 2 == 0 {
            here.types("000000", NOW).map(|_| ())
        } else {
            here.prove(connection, "000000", NOW)
        };
        match tried {
            Err(ErrorCode::WrongCode) => wrong += 1,
            other => assert_eq!(other, Err(ErrorCode::TooManyTries)),
        }
    }
    assert_eq!(wrong, 5);
    assert_eq!(here.door.tries.counted(NOW), 5);
    // The right one has to wait as well, and knocking (a join that shows nothing) does not.
    assert_eq!(here.types(CODE, NOW), Err(ErrorCode::TooManyTries));
    assert_eq!(here.clears(1, &join(), NOW), Ok(false));
    let later = NOW + Duration::from_secs(61);
    assert_eq!(here.types(CODE, later), Ok(true));
}

#[test]
fn who_starts_and_goes_away_has_tried() {
    let mut here = scene();
    for connection in 1..=5 {
        here.open(connection);
        let (_, reply) = here.start(connection, "000000", NOW);
        assert!(matches!(reply, ServerMessage::PakeReply { .. }));
        here.door.forget(ConnectionId(connection));
    }
    assert_eq!(here.door.tries.counted(NOW), 5);
    here.open(6);
    let (_, refused) = here.start(6, CODE, NOW);
    let ServerMessage::Error { retry_after_ms, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(retry_after_ms, Some(60_001));
}

#[test]
fn starting_again_and_again_costs_a_try_each_time() {
    let mut here = scene();
    here.open(1);
    for _ in 0..5 {
        let (_, reply) = here.start(1, CODE, NOW);
        assert!(matches!(reply, ServerMessage::PakeReply { .. }));
    }
    let (_, refused) = here.start(1, CODE, NOW);
    assert_eq!(error(&refused), ErrorCode::TooManyTries);
}

#[test]
fn those_who_know_the_code_come_in_however_many_they_are() {
    let mut here = scene();
    for connection in 1..=40 {
        here.open(connection);
        assert_eq!(here.prove(connection, CODE, NOW), Ok(()));
        assert_eq!(here.types(" 424 242 ", NOW), Ok(true));
    }
    assert_eq!(here.door.tries.counted(NOW), 0);
}

#[test]
fn a_message_that_is_none_costs_no_try_but_the_door() {
    let mut here = scene();
    let key = here.key.to_string();
    for message in ["", "AAAA", "!", &BASE64URL_NOPAD.encode(&[65; 33])] {
        here.open(1);
        let step = CodeProof::Start { key: &key, message };
        let answer = here.door.prove(ConnectionId(1), step, &here.access, NOW);
        assert_eq!(error(&answer), ErrorCode::BadMessage, "{message}");
    }
    assert_eq!(here.prove(1, CODE, NOW), Err(ErrorCode::NotAllowed));
    assert_eq!(here.door.tries.counted(NOW), 0);
}

#[test]
fn a_tag_without_a_start_and_a_key_that_is_none_cost_nothing() {
    let mut here = scene();
    here.open(1);
    assert_eq!(error(&here.confirm(1, &[0; 32])), ErrorCode::BadMessage);
    let step = CodeProof::Start {
        key: "x",
        message: "",
    };
    let answer = here.door.prove(ConnectionId(1), step, &here.access, NOW);
    assert_eq!(error(&answer), ErrorCode::BadIdentity);
    assert_eq!(here.prove(1, CODE, NOW), Ok(()));
}

#[test]
fn there_is_nothing_to_prove_without_tls_without_a_code_or_without_a_hosts_key() {
    let mut here = scene();
    here.door.open(ConnectionId(1), None);
    assert_eq!(here.prove(1, CODE, NOW), Err(ErrorCode::NotAllowed));

    here.open(2);
    here.access = new_access(AccessMode::Lobby);
    assert_eq!(here.prove(2, CODE, NOW), Err(ErrorCode::NotAllowed));

    let mut here = scene();
    here.door = Doorkeeper::new("m".into(), None);
    here.open(3);
    assert_eq!(here.prove(3, CODE, NOW), Err(ErrorCode::NotAllowed));
}

#[test]
fn the_secret_of_a_link_lets_in_and_a_wrong_one_costs_no_try() {
    let mut here = scene();
    let mut guest = join();
    guest.secret.clone_from(&here.access.secret);
    assert_eq!(here.clears(1, &guest, NOW), Ok(true));
    guest.secret = Some("AAAAAAAAAAAAAAAAAAAAAA".into());
    for _ in 0..100 {
        assert_eq!(here.clears(1, &guest, NOW), Err(ErrorCode::WrongCode));
    }
    assert_eq!(here.door.tries.counted(NOW), 0);
    // An old link, and the code typed after it.
    guest.code = Some(CODE.into());
    assert_eq!(here.clears(1, &guest, NOW), Ok(true));
}

#[test]
fn an_access_with_a_code_has_six_digits_and_a_secret() {
    let access = new_access(AccessMode::Code);
    assert_eq!(access.code.unwrap().len(), 6);
    assert_eq!(access.secret.unwrap().len(), 22);
    for mode in [AccessMode::Open, AccessMode::Lobby, AccessMode::Locked] {
        let access = new_access(mode);
        assert_eq!((access.code, access.secret), (None, None));
    }
}

#[test]
fn nothing_that_is_secret_is_shown() {
    let mut here = scene();
    here.open(1);
    let _ = here.prove(1, CODE, NOW);
    here.open(2);
    let _ = here.start(2, CODE, NOW);
    let shown = format!("{:?}", here.door);
    assert!(
        !shown.contains(CODE) && !shown.contains("52, 50, 52"),
        "{shown}"
    );
}

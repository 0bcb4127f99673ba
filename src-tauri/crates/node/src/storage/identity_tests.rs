//! An installation keeps its face, and makes a new one only when it must.

use std::time::Duration as StdDuration;

use super::*;

fn days(n: u64) -> StdDuration {
    StdDuration::from_hours(n * 24)
}

#[test]
fn the_identity_is_the_same_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let first = Identity::open(Some(dir.path()), "desk", now).unwrap();
    let again = Identity::open(Some(dir.path()), "desk", now + days(700)).unwrap();
    assert_eq!(first.fingerprint, again.fingerprint);
    assert_eq!(first.resume_key, again.resume_key);
    again.server_config().unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_private_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    Identity::open(Some(dir.path()), "desk", SystemTime::now()).unwrap();
    let mode = std::fs::metadata(dir.path().join(FILE))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_certificate_near_its_end_is_renewed_and_the_resume_key_stays() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let first = Identity::open(Some(dir.path()), "desk", now).unwrap();
    let renewed = Identity::open(Some(dir.path()), "desk", now + days(800)).unwrap();
    assert_ne!(first.fingerprint, renewed.fingerprint);
    assert_eq!(first.resume_key, renewed.resume_key);
    let kept = Identity::open(Some(dir.path()), "desk", now + days(800)).unwrap();
    assert_eq!(renewed.fingerprint, kept.fingerprint);
}

#[test]
fn a_damaged_identity_is_kept_aside_and_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let first = Identity::open(Some(dir.path()), "desk", now).unwrap();
    let other = Identity::open(None, "desk", now).unwrap();
    // The certificate of one with the key of another: each readable, together useless.
    let mut stored: Stored = serde_json::from_slice(&first.to_bytes()).unwrap();
    stored.private_key = BASE64.encode(other.private_key.secret_pkcs8_der());
    std::fs::write(dir.path().join(FILE), serde_json::to_vec(&stored).unwrap()).unwrap();

    let renewed = Identity::open(Some(dir.path()), "desk", now).unwrap();
    assert_ne!(first.fingerprint, renewed.fingerprint);
    let names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("identity.corrupt-")),
        "{names:?}"
    );
    let kept = Identity::open(Some(dir.path()), "desk", now).unwrap();
    assert_eq!(renewed.fingerprint, kept.fingerprint);
}

#[test]
fn without_a_folder_the_identity_lives_as_long_as_the_process() {
    let now = SystemTime::now();
    let one = Identity::open(None, "desk", now).unwrap();
    let two = Identity::open(None, "desk", now).unwrap();
    assert_ne!(one.fingerprint, two.fingerprint);
}

#[test]
fn a_long_computer_name_still_makes_a_certificate() {
    Identity::open(None, &"长".repeat(200), SystemTime::now()).unwrap();
}

#[test]
fn the_key_to_sign_with_outlives_certificates_and_older_files_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let first = Identity::open(Some(dir.path()), "desk", now).unwrap();
    let renewed = Identity::open(Some(dir.path()), "desk", now + days(800)).unwrap();
    assert_ne!(first.fingerprint, renewed.fingerprint);
    assert_eq!(first.signing_key.public(), renewed.signing_key.public());

    let mut stored: Stored = serde_json::from_slice(&renewed.to_bytes()).unwrap();
    stored.signing_key = None;
    std::fs::write(dir.path().join(FILE), serde_json::to_vec(&stored).unwrap()).unwrap();
    let later = now + days(800);
    let given = Identity::open(Some(dir.path()), "desk", later).unwrap();
    assert_eq!(given.fingerprint, renewed.fingerprint);
    let again = Identity::open(Some(dir.path()), "desk", later).unwrap();
    assert_eq!(given.signing_key.public(), again.signing_key.public());
}

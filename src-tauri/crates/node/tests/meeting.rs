//! Two installations on one machine: hosting, reaching, trusting, leaving. Real sockets, real TLS, the real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use landline_node::HostOptions;
use landline_protocol::AccessMode;
use landline_protocol::node_api::{
    ChannelClosed, DiscoveryState, FoundMeeting, NodeError, NodeErrorCode, NodeEvent, NodeReply,
    NodeRequest, Notice, Target, Trust, Welcome,
};
use serde_json::json;
use support::{Page, bare, folder, host, link, node_in, soon};

async fn look(page: &Page, target: Target) -> Result<FoundMeeting, NodeError> {
    match page.ask(NodeRequest::Look { target }).await {
        Ok(NodeReply::Found { found }) => Ok(found),
        Ok(other) => panic!("not found: {other:?}"),
        Err(error) => Err(error),
    }
}

async fn welcome(page: &Page) -> Welcome {
    match page.ask(NodeRequest::Hello).await {
        Ok(NodeReply::Welcome(welcome)) => *welcome,
        other => panic!("no welcome: {other:?}"),
    }
}

async fn closed(page: &mut Page) -> (u32, ChannelClosed) {
    page.event(|event| match event {
        NodeEvent::ChannelClosed { channel, reason } => Some((channel, reason)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_guest_joins_by_link_and_both_see_each_other() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting).await;

    let mut ana = Page::of(&hosting);
    let own = Target::Meeting {
        meeting_id: hosted.meeting_id.clone(),
    };
    let found = look(&ana, own.clone()).await.unwrap();
    assert_eq!((found.trust, found.own), (Trust::Own, true));
    let channel = ana.open(own).await;
    ana.join(channel, &hosted.meeting_id, "Ana").await;

    let mut ben = Page::of(&visiting);
    let found = look(&ben, link(&hosted)).await.unwrap();
    assert_eq!((found.trust, found.own), (Trust::Pinned, false));
    assert_eq!(found.fingerprint, hosted.fingerprint);
    assert_eq!(found.summary.title, "Stand-up");
    assert_eq!(found.summary.participants, 1);
    let channel = ben.open(link(&hosted)).await;
    let joined = ben.join(channel, &hosted.meeting_id, "Ben").await;
    assert_eq!(joined["peers"][0]["name"], "Ana");
    let newcomer = ana.message("peer-joined").await;
    assert_eq!(newcomer["peer"]["name"], "Ben");

    let mut watched = hosting.hosted();
    let two = watched.wait_for(|hosted| hosted.as_ref().is_some_and(|it| it.participants == 2));
    assert!(soon(two).await.is_ok());
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn frames_of_a_channel_keep_their_order_and_closing_sends_what_was_queued() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting).await;
    let (mut ana, mut ben) = (Page::of(&hosting), Page::of(&visiting));
    let channel = ana.open(link(&hosted)).await;
    ana.join(channel, &hosted.meeting_id, "Ana").await;
    let channel = ben.open(link(&hosted)).await;
    ben.join(channel, &hosted.meeting_id, "Ben").await;

    let room = &hosted.meeting_id;
    for n in 1..=50_u32 {
        let id = format!("line-{n:04}");
        let line = json!({"action": "chat", "roomId": room, "seq": n, "id": id, "text": id});
        ben.send(channel, &line);
    }
    ben.send(
        channel,
        &json!({"action": "leave", "roomId": room, "seq": 51}),
    );
    ben.ask(NodeRequest::CloseChannel { channel })
        .await
        .unwrap();
    for n in 1..=50 {
        let line = ana.message("chat").await;
        assert_eq!(line["line"]["text"], format!("line-{n:04}"));
    }
    assert_eq!(ana.message("peer-left").await["reason"], "left");
    assert_eq!(closed(&mut ben).await, (channel, ChannelClosed::Closed));
    let error = ben.session.send_frame(channel, "{}".into()).unwrap_err();
    assert_eq!(error.code, NodeErrorCode::NoChannel);
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn a_bare_address_is_trusted_on_first_use_then_known_then_guarded() {
    let (here, there, elsewhere) = (folder(), folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting).await;
    let ben = Page::of(&node_in(there.path(), 0).await);
    let found = look(&ben, bare(&hosted)).await.unwrap();
    assert_eq!(found.trust, Trust::FirstUse);
    assert_eq!(found.fingerprint, hosted.fingerprint);
    assert_eq!(look(&ben, bare(&hosted)).await.unwrap().trust, Trust::Known);
    // Remembered by the installation, not by the process.
    let ben = Page::of(&node_in(there.path(), 0).await);
    assert_eq!(look(&ben, bare(&hosted)).await.unwrap().trust, Trust::Known);

    soon(hosting.shutdown()).await;
    let impostor = node_in(elsewhere.path(), hosted.port).await;
    let other = host(&impostor).await;
    assert_eq!(other.port, hosted.port);
    let error = look(&ben, bare(&hosted)).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::FingerprintChanged);
    // It has a meeting, and does not say that it is this one.
    let error = look(&ben, link(&hosted)).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::MeetingNotFound);
    // A link vouches for the new certificate.
    look(&ben, link(&other)).await.unwrap();
    assert_eq!(look(&ben, bare(&other)).await.unwrap().trust, Trust::Known);
    soon(impostor.shutdown()).await;
}

#[tokio::test]
async fn what_cannot_be_reached_is_refused_with_its_reason() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting).await;
    let ben = Page::of(&node_in(there.path(), 0).await);
    let address = |text: &str| Target::Address { text: text.into() };
    let code = async |target| look(&ben, target).await.unwrap_err().code;

    assert_eq!(code(address("")).await, NodeErrorCode::BadAddress);
    assert_eq!(code(address("a b")).await, NodeErrorCode::BadAddress);
    let nobody = address("nobody.invalid");
    assert_eq!(code(nobody).await, NodeErrorCode::NameNotFound);
    let unknown = Target::Meeting {
        meeting_id: "0".repeat(32),
    };
    assert_eq!(code(unknown).await, NodeErrorCode::MeetingNotFound);
    let text = format!("127.0.0.1:{}/#m=another", hosted.port);
    assert_eq!(code(address(&text)).await, NodeErrorCode::MeetingNotFound);
    soon(hosting.shutdown()).await;
    assert_eq!(code(link(&hosted)).await, NodeErrorCode::ConnectionRefused);
}

#[tokio::test]
async fn a_node_hosts_one_meeting_and_can_host_another_afterwards() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let first = host(&node).await;
    let mut page = Page::of(&node);
    assert_eq!(welcome(&page).await.hosted, Some(first.clone()));
    let again = NodeRequest::Host {
        title: String::new(),
        name: "Ana".into(),
        access: AccessMode::Open,
        private: false,
    };
    let error = page.ask(again.clone()).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::AlreadyHosting);

    let channel = page.open(link(&first)).await;
    page.join(channel, &first.meeting_id, "Ana").await;
    page.ask(NodeRequest::EndMeeting).await.unwrap();
    page.message("meeting-ended").await;
    assert_eq!(closed(&mut page).await, (channel, ChannelClosed::HostLeft));
    let error = page.ask(NodeRequest::EndMeeting).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::MeetingNotFound);
    let over = look(&page, link(&first)).await.unwrap_err();
    assert_eq!(over.code, NodeErrorCode::ConnectionRefused);

    let Ok(NodeReply::Hosted { hosted }) = page.ask(again).await else {
        panic!("it can be hosted again");
    };
    assert_ne!(hosted.meeting_id, first.meeting_id);
    assert_eq!(hosted.title, "Meeting of Ana");
    soon(node.shutdown()).await;
}

#[tokio::test]
async fn a_port_that_is_taken_gives_way_to_the_next_and_that_is_said() {
    let (here, there) = (folder(), folder());
    let one = node_in(here.path(), 0).await;
    let first = host(&one).await;
    assert!(!first.port_changed);
    let two = node_in(there.path(), first.port).await;
    let second = host(&two).await;
    assert!(second.port_changed);
    assert_ne!(second.port, first.port);
    soon(one.shutdown()).await;
    soon(two.shutdown()).await;
}

#[tokio::test]
async fn a_host_that_goes_away_says_so_and_its_return_gives_the_seat_back() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut ben = Page::of(&node_in(there.path(), 0).await);
    let channel = ben.open(link(&hosted)).await;
    let joined = ben.join(channel, &hosted.meeting_id, "Ben").await;
    soon(hosting.shutdown()).await;
    assert_eq!(closed(&mut ben).await, (channel, ChannelClosed::HostLeft));

    let returned = node_in(here.path(), hosted.port).await;
    // It ended in order, so it is not offered on the home screen.
    assert_eq!(welcome(&Page::of(&returned)).await.interrupted, None);
    let reopened = returned.host(HostOptions {
        meeting_id: Some(hosted.meeting_id.clone()),
        ..HostOptions::default()
    });
    let reopened = reopened.await.unwrap();
    assert_eq!(reopened.port, hosted.port);
    assert_eq!(reopened.fingerprint, hosted.fingerprint);
    let channel = ben.open(link(&hosted)).await;
    ben.send(
        channel,
        &json!({
            "action": "join", "roomId": hosted.meeting_id, "name": "Ben", "v": 1,
            "resume": {
                "clientId": joined["clientId"], "token": joined["resumeToken"], "seq": 0, "fresh": false,
            },
        }),
    );
    let again = ben.message("joined").await;
    assert_eq!(again["clientId"], joined["clientId"]);
    assert_eq!(again["outcome"], "restored");
    soon(returned.shutdown()).await;
}

#[tokio::test]
async fn a_page_that_is_dropped_leaves_no_connection_behind() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut ana = Page::of(&hosting);
    let channel = ana.open(link(&hosted)).await;
    ana.join(channel, &hosted.meeting_id, "Ana").await;
    let visiting = node_in(there.path(), 0).await;
    let mut ben = Page::of(&visiting);
    let channel = ben.open(link(&hosted)).await;
    ben.join(channel, &hosted.meeting_id, "Ben").await;
    drop(ben);
    // The seat is kept, for the page may come back; the connection is not.
    ana.message("peer-away").await;
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn settings_reach_the_other_windows_and_notices_are_told_once() {
    let here = folder();
    std::fs::write(here.path().join("settings.json"), "not json").unwrap();
    let node = node_in(here.path(), 0).await;
    let (one, mut two) = (Page::of(&node), Page::of(&node));
    let first = welcome(&one).await;
    assert_eq!(first.notices, [Notice::SettingsCorrupt]);
    assert_eq!(first.token, None);
    assert_eq!(welcome(&two).await.notices, []);

    let mut settings = first.settings;
    settings.name = "Ana".into();
    settings.interfaces = vec!["ll-none".into()];
    one.ask(NodeRequest::SetSettings {
        settings: settings.clone(),
    })
    .await
    .unwrap();
    let told = two.event(|event| match event {
        NodeEvent::Settings { settings } => Some(settings),
        _ => None,
    });
    assert_eq!(told.await, settings);
    let again = node_in(here.path(), 0).await;
    assert_eq!(again.settings(), settings);
}

#[tokio::test]
async fn watching_tells_how_looking_goes_until_it_is_turned_off() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let mut page = Page::of(&node);
    let state = |event| match event {
        NodeEvent::Discovery { state } => Some(state),
        _ => None,
    };
    page.ask(NodeRequest::Watch { on: true }).await.unwrap();
    // The chosen interface does not exist.
    page.event(|event| state(event).filter(|state| *state == DiscoveryState::NoNetwork))
        .await;
    page.ask(NodeRequest::Watch { on: false }).await.unwrap();
    page.event(|event| state(event).filter(|state| *state == DiscoveryState::Off))
        .await;
}

#[tokio::test]
async fn a_link_opened_before_there_is_a_page_is_shown_by_the_first_one() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let target = Target::Address {
        text: "10.0.0.1".into(),
    };
    node.open(target.clone());
    let mut page = Page::of(&node);
    assert_eq!(welcome(&page).await.open, Some(target.clone()));
    assert_eq!(welcome(&page).await.open, None);
    node.open(target.clone());
    let told = page.event(|event| match event {
        NodeEvent::Open { target } => Some(target),
        _ => None,
    });
    assert_eq!(told.await, target);
}

#[tokio::test]
async fn a_bad_meeting_id_is_refused() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    for id in ["", "a b", "ä", &"x".repeat(65)] {
        let options = HostOptions {
            meeting_id: Some(id.into()),
            ..HostOptions::default()
        };
        let error = node.host(options).await.unwrap_err();
        assert_eq!(error.code, NodeErrorCode::BadRequest);
    }
    assert_eq!(*node.hosted().borrow(), None);
}

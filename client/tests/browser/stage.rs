//! A server and a session for one story.

use std::sync::{Arc, Mutex};

use crate::{
    drivers::{Driver, Setup, Token, Told},
    peer::Server,
};

/// One story's server, session, and what the session told.
pub(crate) struct Stage<D> {
    pub(crate) server: Server,
    pub(crate) session: D,
    pub(crate) problems: Told,
    pub(crate) states: Told,
}

impl<D: Driver> Stage<D> {
    /// A session that has begun to connect.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same, with some of it set.
    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let server = Server::new();
        let (tell, problems) = Told::new();
        let mut setup = Setup::new(server.url(), tell);
        change(&mut setup);
        let session = D::start(setup);
        let states = Told::states(&session);
        Self { server, session, problems, states }
    }

    /// The same, open already.
    pub(crate) async fn open() -> Self {
        let mut stage = Self::start();
        stage.server.welcome().await;
        stage.session.ready().await.unwrap();
        stage.state("open").await;
        stage
    }

    /// Waits until the session is in this state.
    pub(crate) async fn state(&mut self, state: &str) {
        while self.states.next().await != state {}
        if state != "waiting" {
            // That may be over by now.
            assert_eq!(self.session.state(), state);
        }
    }
}

/// One token after the other.
pub(crate) fn tokens<T: Into<String> + Send + 'static, const COUNT: usize>(
    tokens: [Result<T, &'static str>; COUNT],
) -> Token {
    let tokens = Mutex::new(tokens.into_iter());
    Arc::new(move || {
        let token = tokens.lock().unwrap().next().expect("the story has tokens enough");
        token.map(T::into).map_err(str::to_owned)
    })
}

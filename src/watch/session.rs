//! One watch: what is followed, and what each change comes to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::data::{Data, Found};
use super::event::{Event, Fault, files};
use super::moves::{Moves, Ranking, moves};
use crate::error::Kind;
use crate::recommend::{Answer, HardwareRecommender, Request};
use crate::rules::live::{Follower, LiveRules, Mode, News, Reload};
use crate::rules::{History, RuleErrors, RuleSet};
use crate::store::Copied;
use crate::{Error, Result};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Asks {
    /// These.
    These(Vec<Request>),
    /// The same of every model and task that has rows; model and task of the request are not looked at.
    All(Box<Request>),
}

/// What is watched, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the configuration.
    pub config_dir: PathBuf,
    /// Folder of the scripts.
    pub rules_dir: PathBuf,
    /// The database.
    pub db_path: PathBuf,
    /// The rankings; none watches the rule files only.
    pub asks: Asks,
    /// How changes of the rule files are noticed.
    pub mode: Mode,
    /// Refuse sets with a warning, and those of which a rule fails on some hardware.
    pub strict: bool,
}

type Answers = Vec<(Request, Result<Answer>)>;

/// One watch.
pub struct Session {
    live: Arc<LiveRules>,
    follower: Follower,
    history: Option<History>,
    data: Option<Data>,
    asks: Asks,
    strict: bool,
    answers: Answers,
    notices: Vec<String>,
}

impl Session {
    /// Begins: loads the rule set, copies the database, makes the rankings.
    ///
    /// # Errors
    /// Faults of the rule files, an unknown model, no database (exit code 2). Later faults are events.
    pub fn start(options: Options) -> Result<(Self, Event)> {
        let live = Arc::new(LiveRules::load(&options.config_dir, &options.rules_dir)?);
        let set = live.current();
        if options.strict && !set.warnings.is_empty() {
            return Err(RuleErrors(set.warnings.clone()).into());
        }
        let models = match &options.asks {
            Asks::All(_) => Some(None),
            Asks::These(requests) if requests.is_empty() => None,
            Asks::These(requests) => Some(Some(requests.iter().map(|request| request.model.clone()).collect())),
        };
        let data = models.map(|models| Data::new(&options.db_path, &options.config_dir, models)).transpose()?;
        let history = History::beside(&options.config_dir, &options.rules_dir)?;
        let follower = Follower::new(Arc::clone(&live), options.mode);
        let mut session = Self {
            live,
            follower,
            history: Some(history),
            data,
            asks: options.asks,
            strict: options.strict,
            answers: Vec::new(),
            notices: Vec::new(),
        };
        session.answers = session.copied().map(|copied| answer(copied, &set, &session.asks, session.strict)).unwrap_or_default();
        // What cannot be answered at the start is a fault of the question.
        if let Some(error) = session.answers.iter().find_map(|(_, answer)| answer.as_ref().err()) {
            return Err(error.clone());
        }
        session.keep(&set);
        let started = Event::Started {
            rule_set: set.hash.clone(),
            shipped: set.embedded,
            watched_by: if session.follower.mode() == Mode::Events { "events" } else { "poll" },
            warnings: warnings(&set),
            rankings: rankings(&session.answers),
        };
        Ok((session, started))
    }

    /// The answers as they are now, with everything that was ranked.
    pub fn answers(&self) -> &[(Request, Result<Answer>)] {
        &self.answers
    }

    /// Waits for something to tell, about so long at most.
    pub fn next(&mut self, most: Duration) -> Vec<Event> {
        let mut events: Vec<Event> = self.notices.drain(..).map(|message| Event::Notice { message }).collect();
        let mut tried = None;
        let copied = self.data.as_ref().and_then(Data::copied);
        let (asks, strict) = (&self.asks, self.strict);
        let most = if events.is_empty() { most } else { Duration::ZERO };
        let news = self.follower.next(most, |set| {
            if strict && !set.warnings.is_empty() {
                return Err(RuleErrors(set.warnings.clone()).into());
            }
            let answers = copied.map(|copied| answer(copied, set, asks, strict)).unwrap_or_default();
            // A question that the new set has no answer to is no fault of the set; a rule that cannot run is.
            let broken = answers.iter().find_map(|(_, answer)| answer.as_ref().err().filter(|error| error.kind == Kind::Failed));
            if let Some(error) = broken {
                return Err(error.clone());
            }
            tried = Some(answers);
            Ok(())
        });
        events.extend(news.and_then(|news| self.tell(news, tried)));
        events.extend(self.poll_data());
        events
    }

    fn tell(&mut self, news: News, tried: Option<Answers>) -> Option<Event> {
        let (reload, before, changes, state) = match news {
            News::Trouble(message) => return Some(Event::Notice { message }),
            News::Reload { reload, before, changes, state } => (reload, before, changes, state),
        };
        match reload {
            Reload::Same => None,
            Reload::Restored => Some(Event::Restored { active: state.active }),
            Reload::Kept => {
                let refused = state.refused?;
                Some(Event::Refused {
                    files: files(&changes),
                    active: state.active,
                    on_disk: state.on_disk,
                    faults: Fault::of(&refused),
                    rendered: refused.render(),
                })
            }
            Reload::Swapped => {
                let set = self.live.current();
                let moves = self.take(tried.unwrap_or_default());
                self.keep(&set);
                Some(Event::Reloaded { files: files(&changes), from: before, to: state.active, warnings: warnings(&set), moves })
            }
        }
    }

    fn poll_data(&mut self) -> Option<Event> {
        match self.data.as_mut()?.poll() {
            Found::Nothing => None,
            Found::Unavailable(reason) => Some(Event::DataUnavailable { reason }),
            Found::Copied => {
                let set = self.live.current();
                let answers = answer(self.copied()?, &set, &self.asks, self.strict);
                let prints = |answers: &Answers| rankings(answers).into_iter().map(|ranking| ranking.data_fingerprint).collect::<Vec<_>>();
                let same_rows = prints(&answers) == prints(&self.answers);
                let moves = self.take(answers);
                // A file that was written and holds the same rows is no news.
                (!same_rows || moves.iter().any(|moves| !moves.is_empty())).then_some(Event::DataChanged { moves })
            }
        }
    }

    /// Puts new answers in place of the old ones: what moved.
    fn take(&mut self, answers: Answers) -> Vec<Moves> {
        let now = rankings(&answers);
        let before = rankings(&self.answers);
        self.answers = answers;
        let same = |a: &Ranking, b: &Ranking| a.model == b.model && (a.task == b.task || a.task.is_none() || b.task.is_none());
        let mut all: Vec<Moves> = now
            .iter()
            .map(|new| {
                let nothing = Ranking { ranked: Vec::new(), out: Vec::new(), error: None, ..new.clone() };
                moves(before.iter().find(|old| same(old, new)).unwrap_or(&nothing), new)
            })
            .collect();
        for old in before.iter().filter(|old| !now.iter().any(|new| same(old, new))) {
            let nothing = Ranking { ranked: Vec::new(), out: Vec::new(), error: None, ..old.clone() };
            all.push(moves(old, &nothing));
        }
        all
    }

    fn copied(&self) -> Option<&Copied> {
        self.data.as_ref().and_then(Data::copied)
    }

    /// Keeps a set that is in force; where that cannot be, it is said once and not tried again.
    fn keep(&mut self, set: &RuleSet) {
        if let Some(Err(error)) = self.history.as_ref().map(|history| history.record(set)) {
            self.history = None;
            self.notices.push(format!("rule sets are not kept for `suitor rules rollback`: {}", error.message));
        }
    }
}

fn warnings(set: &RuleSet) -> Vec<String> {
    set.warnings.iter().map(crate::rules::RuleError::line).collect()
}

fn rankings(answers: &Answers) -> Vec<Ranking> {
    answers
        .iter()
        .map(|(request, answer)| match answer {
            Ok(answer) => Ranking::of(answer),
            Err(error) => Ranking::failed(&request.model, request.task.as_deref(), error),
        })
        .collect()
}

/// The answers to everything that is asked, by one rule set, from one copy.
fn answer(copied: &Copied, set: &RuleSet, asks: &Asks, strict: bool) -> Answers {
    let requests: Result<Vec<Request>, Error> = match asks {
        Asks::These(requests) => Ok(requests.clone()),
        Asks::All(request) => copied.db.asks().map(|all| {
            let of = |(model, task)| Request { model, task: Some(task), ..(**request).clone() };
            all.into_iter().map(of).collect()
        }),
    };
    let requests = match requests {
        Ok(requests) => requests,
        Err(error) => return vec![(Request::default(), Err(error))],
    };
    let recommender = HardwareRecommender::new(&copied.db, set).strict(strict);
    let whole = |request: Request| Request { top_k: None, as_of: request.as_of.or(copied.newest_day), ..request };
    requests
        .into_iter()
        .map(whole)
        .map(|request| {
            let answer = recommender.recommend_hardware(&request);
            (request, answer)
        })
        .collect()
}

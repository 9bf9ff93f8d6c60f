//! Reads the files of a rule set out of a git revision, by the `git` program. Nothing is checked out, and nothing is written.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{Error, Result};

const OTHERS: &str = "--against DIR compares with a folder, --against shipped with the rule set inside the binary";

/// A folder as git knows it.
struct Place {
    /// Root of the working tree.
    root: PathBuf,
    /// The way from there, with `/` at the end; empty at the root.
    prefix: String,
}

/// The commit that a revision means, and name and text of every file of the set in it. The files are looked for where `config` and
/// `rules` lie in their repository, whether or not they are on disk.
///
/// # Errors
/// No `git` (exit code 1); no repository, an unknown revision, no rule set in it, a file that is no text (exit code 2).
pub(super) fn read(revision: &str, config: &Path, rules: &Path) -> Result<(String, Vec<(String, String)>)> {
    let (config, rules) = (place(config)?, place(rules)?);
    let commit = commit(&config, revision)?;
    let mut files = Vec::new();
    let wanted = ["scoring.toml", "rules.toml"];
    for (name, path) in listed(&config, &commit, &|name| wanted.contains(&name))? {
        files.push((format!("config/{name}"), text(&config, &commit, &path)?));
    }
    if files.is_empty() {
        let both = wanted.map(|name| format!("`{}{name}`", config.prefix)).join(" nor ");
        return Err(Error::input(format!("git:{revision} holds neither {both}"))
            .help("--config and --rules say where the rule set is; --against shipped compares with the rule set inside the binary"));
    }
    // The scripts may be in another repository, where the revision is another commit.
    let of_rules = if rules.root == config.root { commit.clone() } else { self::commit(&rules, revision)? };
    for (name, path) in listed(&rules, &of_rules, &|name| name.strip_suffix(".rhai").is_some() && !name.starts_with('.'))? {
        files.push((format!("rules/{name}"), text(&rules, &of_rules, &path)?));
    }
    Ok((commit, files))
}

/// Where a folder lies in its repository; one that is not on disk by the nearest folder above it that is.
fn place(folder: &Path) -> Result<Place> {
    let whole = std::path::absolute(folder).map_err(|error| Error::input(format!("`{}`: {error}", folder.display())))?;
    let there = whole.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"));
    let said = git(there, &["rev-parse", "--show-toplevel", "--show-prefix"])?;
    let printed = String::from_utf8_lossy(&said.stdout).into_owned();
    let mut lines = printed.lines();
    let root = lines.next().unwrap_or("").to_owned();
    if !said.status.success() || root.is_empty() {
        let why = complaint(&said);
        let why = if why.contains("not a git repository") || why.is_empty() { String::new() } else { format!(": {why}") };
        return Err(Error::input(format!("`{}` is not in a git repository{why}", folder.display())).help(OTHERS));
    }
    let mut prefix = lines.next().unwrap_or("").to_owned();
    for part in whole.strip_prefix(there).into_iter().flat_map(Path::components) {
        prefix.push_str(&part.as_os_str().to_string_lossy());
        prefix.push('/');
    }
    Ok(Place { root: PathBuf::from(root), prefix })
}

/// The commit that a revision means.
fn commit(place: &Place, revision: &str) -> Result<String> {
    let resolve = |revision: &str| git(&place.root, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]);
    let said = resolve(revision)?;
    let hash = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if said.status.success() && !hash.is_empty() {
        return Ok(hash);
    }
    let root = place.root.display();
    if !resolve("HEAD")?.status.success() {
        return Err(Error::input(format!("git:{revision}: the repository `{root}` has no commit yet")).help(OTHERS));
    }
    let refs = git(&place.root, &["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags"])?;
    let refs = String::from_utf8_lossy(&refs.stdout).into_owned();
    let error = Error::unknown("revision", revision, refs.lines());
    let error = Error { message: format!("{} in the repository `{root}`", error.message), ..error };
    Err(if error.help.is_some() { error } else { error.help("for example git:HEAD~1, git:main or git:v1.2") })
}

/// Name and path of the files of a folder in a commit, by name.
fn listed(place: &Place, commit: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<(String, String)>> {
    let mut arguments = vec!["ls-tree", "-z", "--full-tree", commit];
    if !place.prefix.is_empty() {
        arguments.extend(["--", &place.prefix]);
    }
    let said = git(&place.root, &arguments)?;
    if !said.status.success() {
        return Err(Error::failed(format!("git could not list `{}` of {commit}: {}", place.prefix, complaint(&said))));
    }
    let mut files = Vec::new();
    for entry in String::from_utf8_lossy(&said.stdout).split('\0') {
        let Some((about, path)) = entry.split_once('\t') else { continue };
        let Some(name) = path.strip_prefix(&place.prefix).filter(|name| !name.contains('/') && wanted(name)) else { continue };
        if about.starts_with("120000") {
            return Err(Error::input(format!("`{path}` is a symbolic link in {commit}, which is not followed there")).help(OTHERS));
        }
        if about.starts_with("100") {
            files.push((name.to_owned(), path.to_owned()));
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file as a checkout would write it (line ends, filters).
fn text(place: &Place, commit: &str, path: &str) -> Result<String> {
    let said = git(&place.root, &["cat-file", "--filters", &format!("{commit}:{path}")])?;
    if !said.status.success() {
        return Err(Error::failed(format!("git could not read `{path}` of {commit}: {}", complaint(&said))));
    }
    String::from_utf8(said.stdout).map_err(|_| Error::input(format!("`{path}` of {commit} is not UTF-8 text")))
}

/// What git says is wrong, in one line.
fn complaint(said: &Output) -> String {
    let text = String::from_utf8_lossy(&said.stderr);
    text.lines().next().unwrap_or("").trim_start_matches("fatal: ").to_owned()
}

/// Runs git in a folder. The repository is that of the folder, also within a hook, which names its own in the environment.
fn git(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null());
    command.arg("-C").arg(folder).args(arguments).output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::failed("the program `git` is not there to read the revision with").help(OTHERS),
        _ => Error::failed(format!("`git` could not be run: {error}")),
    })
}

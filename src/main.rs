//! The `suitor` binary: everything it does is a call on the library.

fn main() -> std::process::ExitCode {
    suitor::cli::main()
}

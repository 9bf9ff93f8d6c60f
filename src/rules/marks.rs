//! Marks in a copy of a hook: statements that note the line of the result that is taken.

use rhai::{ASTFlags, Engine, Expr, Stmt, StmtBlock};

use super::engine::MARK;

/// A statement that notes a line.
pub(super) fn mark(engine: &Engine, line: usize) -> Option<Stmt> {
    engine.compile(format!("{MARK}({line})")).ok()?.statements().first().cloned()
}

/// Puts a mark before every statement that ends the hook with a result: `return`, and what its last statement comes to.
pub(super) fn mark_results(statements: &mut impl Statements, tail: bool, mark: &dyn Fn(usize) -> Option<Stmt>) {
    let count = statements.all().len();
    for at in (0..count).rev() {
        let last = tail && at + 1 == count;
        let statement = &mut statements.all()[at];
        descend(statement, last, mark);
        let returns = matches!(statement, Stmt::Return(_, flags, _) if !flags.intersects(ASTFlags::BREAK));
        if (last || returns)
            && let Some(mark) = statement.position().line().and_then(mark)
        {
            statements.put(at, mark);
        }
    }
}

/// Statements that can be added to.
pub(super) trait Statements {
    fn all(&mut self) -> &mut [Stmt];
    fn put(&mut self, at: usize, statement: Stmt);
}

impl Statements for Vec<Stmt> {
    fn all(&mut self) -> &mut [Stmt] {
        self
    }
    fn put(&mut self, at: usize, statement: Stmt) {
        self.insert(at, statement);
    }
}

impl Statements for StmtBlock {
    fn all(&mut self) -> &mut [Stmt] {
        self.statements_mut()
    }
    fn put(&mut self, at: usize, statement: Stmt) {
        self.statements_mut().insert(at, statement);
    }
}

fn descend(statement: &mut Stmt, tail: bool, mark: &dyn Fn(usize) -> Option<Stmt>) {
    match statement {
        Stmt::If(flow, _) | Stmt::TryCatch(flow, _) => {
            mark_results(&mut flow.body, tail, mark);
            mark_results(&mut flow.branch, tail, mark);
        }
        Stmt::While(flow, _) | Stmt::Do(flow, _, _) => mark_results(&mut flow.body, false, mark),
        Stmt::For(parts, _) => mark_results(&mut parts.2.body, false, mark),
        Stmt::Block(block) => mark_results(&mut **block, tail, mark),
        Stmt::Switch(parts, _) => {
            for arm in &mut parts.1.expressions {
                if let Expr::Stmt(block) = &mut arm.rhs {
                    mark_results(&mut **block, tail, mark);
                } else if tail && let Some(mark) = arm.rhs.start_position().line().and_then(mark) {
                    let position = arm.rhs.start_position();
                    let result = Stmt::Expr(Box::new(std::mem::take(&mut arm.rhs)));
                    arm.rhs = Expr::Stmt(Box::new(StmtBlock::new([mark, result], position, position)));
                }
            }
        }
        Stmt::Expr(expression) => {
            if let Expr::Stmt(block) = &mut **expression {
                mark_results(&mut **block, tail, mark);
            }
        }
        Stmt::Var(parts, _, _) => {
            if let Expr::Stmt(block) = &mut parts.1 {
                mark_results(&mut **block, false, mark);
            }
        }
        _ => {}
    }
}

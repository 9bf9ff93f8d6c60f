//! What a script may do that the check does not follow: loops, closures, function pointers, `try`.

use rhai::{AST, ASTNode, Expr, Position, Stmt};

/// Whether a script does what the check cannot follow.
pub(crate) fn is_dynamic(ast: &AST) -> bool {
    dynamic(ast).is_some()
}

/// The first place at which a script does what the check cannot follow, and what it is.
pub(crate) fn dynamic(ast: &AST) -> Option<(Position, &'static str)> {
    let mut found: Vec<(Position, &'static str)> = Vec::new();
    ast.walk(&mut |path| {
        found.extend(path.last().and_then(reason));
        true
    });
    // A closure is a function with a name that no text can hold.
    if found.is_empty() && ast.iter_functions().any(|function| function.name.contains('$')) {
        return Some((Position::NONE, "it has a closure"));
    }
    found.into_iter().min_by_key(|(position, _)| (position.line(), position.position()))
}

/// Whether a script has closures or calls functions by pointer: then it hangs on the run which function is called.
pub(crate) fn calls_by_pointer(ast: &AST) -> bool {
    let mut found = false;
    ast.walk(&mut |path| {
        found |= path.last().and_then(reason).is_some_and(|(_, why)| why.contains("closure") || why.contains("pointer"));
        !found
    });
    found || ast.iter_functions().any(|function| function.name.contains('$'))
}

/// Whether a script goes on after what fails: it has a `try`.
pub(crate) fn catches(ast: &AST) -> bool {
    let mut found = false;
    ast.walk(&mut |path| {
        found |= matches!(path.last(), Some(ASTNode::Stmt(Stmt::TryCatch(..))));
        !found
    });
    found
}

fn reason(node: &ASTNode<'_>) -> Option<(Position, &'static str)> {
    let why = match node {
        ASTNode::Stmt(Stmt::While(..)) => "it has a `while` or `loop`",
        ASTNode::Stmt(Stmt::Do(..)) => "it has a `do` loop",
        ASTNode::Stmt(Stmt::For(..)) => "it has a `for` loop",
        ASTNode::Stmt(Stmt::TryCatch(..)) => "it has a `try`",
        ASTNode::Stmt(Stmt::Share(..)) => "it has a closure",
        ASTNode::Expr(Expr::Custom(..)) => "it has a syntax of its own",
        ASTNode::Expr(Expr::DynamicConstant(value, _)) if value.is_fnptr() => "it has a closure",
        ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position)) => {
            return pointer(&call.name, *position);
        }
        _ => return None,
    };
    let position = match node {
        ASTNode::Stmt(statement) => statement.position(),
        ASTNode::Expr(expression) => expression.start_position(),
        _ => Position::NONE,
    };
    Some((position, why))
}

fn pointer(name: &str, position: Position) -> Option<(Position, &'static str)> {
    ["Fn", "call", "curry"].contains(&name).then_some((position, "it calls a function by pointer"))
}

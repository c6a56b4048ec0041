"""Code of the engine written out for plain names, the way a student writes it: `b` for `self.b`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from core.experiment import Experiment
from core.source import definition_of, parse, source_of
from core.training.four_steps.with_optimizer import RULES

__all__ = ["Plain", "returned_by", "without_annotations"]


class Plain(ast.NodeTransformer):
    """Rewrites code of the engine for names without an owner: `self.b` becomes `b`, `experiment.n` becomes `n`.

    An expression that `instead` names, as text, becomes the one that it gives.
    """

    def __init__(self, experiment: Experiment, instead: Mapping[str, str]) -> None:
        self.experiment = experiment
        self.instead = {"experiment.reduction": repr(experiment.reduction), **instead}

    def lines(self, function: Callable[..., Any]) -> list[str]:
        """The body of `function`, without what it returns and what it leaves to its parent."""
        lines: list[str] = []
        for statement in body_statements(function):
            match statement:
                case ast.Return() | ast.Expr(ast.Call(func=ast.Attribute(ast.Call(func=ast.Name("super"))))):
                    pass
                case ast.Assign(targets=[ast.Attribute(ast.Name("self")) as kept], value=ast.Name(argument)):
                    # What one step keeps for another has a name already.
                    self.instead[ast.unparse(kept)] = self.instead.get(argument, argument)
                case _:
                    lines += written(self.visit(statement)).splitlines()
        return lines

    def returned(self, function: Callable[..., Any]) -> str:
        """What `function` returns."""
        return written(ast.Expr(self.visit(returned_by(function))))

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            other = self.instead.get(ast.unparse(node))
            if other is not None:
                return expression(other)
        return super().visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        match node:
            case ast.Attribute(ast.Name("self" | "experiment" | "dataset"), name):
                return ast.Name(name, node.ctx)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        match node:
            case ast.Call(ast.Attribute(ast.Name("self"), "reduce"), [errors]):
                return ast.Call(ast.Attribute(self.visit(errors), self.experiment.reduction, ast.Load()), [], [])
            case ast.Call(ast.Attribute(tensor, "to")) if self.experiment.device == "cpu":
                return self.visit(tensor)
            case ast.Call(ast.Name("make_optimizer"), [_, parameters]):
                kind, settings = RULES[self.experiment.optimizer]
                told = "".join(f", {name}={value!r}" for name, value in settings.items())
                return expression(f"torch.optim.{kind.__name__}({ast.unparse(self.visit(parameters))}, lr=lr{told})")
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        match self.generic_visit(node):
            case ast.BinOp(ast.Constant(1), ast.Mult(), other) | ast.BinOp(other, ast.Mult(), ast.Constant(1)):
                return other
            case product:
                return product

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        match self.generic_visit(node):
            case ast.IfExp(ast.Constant(True), chosen, _) | ast.IfExp(ast.Constant(False), _, chosen):
                return chosen
            case choice:
                return choice


def body_statements(function: Callable[..., Any]) -> list[ast.stmt]:
    """The statements of `function` below its docstring, parsed anew for whoever changes them."""
    definition = definition_of(function)
    return definition.body[1:] if ast.get_docstring(definition) is not None else definition.body


def returned_by(function: Callable[..., Any]) -> ast.expr:
    statement = body_statements(function)[-1]
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    return statement.value


def expression(text: str) -> ast.expr:
    (statement,) = parse(text).body
    assert isinstance(statement, ast.Expr)
    return statement.value


def written(statement: ast.stmt) -> str:
    """The statement as people write it: double quotes, and no parentheses around the values of several names."""
    text = ast.unparse(ast.fix_missing_locations(statement)).replace("'", '"')
    match statement:
        case ast.Assign(value=ast.Tuple() as values) | ast.Expr(value=ast.Tuple() as values):
            enclosed = ast.unparse(values).replace("'", '"')
            return text.removesuffix(enclosed) + enclosed[1:-1] if text.endswith(enclosed) else text
    return text


def without_annotations(shown: type) -> list[str]:
    """The class as a student writes it."""
    tree = parse(source_of(shown))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.unparse(tree).replace(":\n\n", ":\n").splitlines()

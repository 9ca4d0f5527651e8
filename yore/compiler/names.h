// Short names for subformulas, so that pictures and tables stay readable where formulas are long.
#pragma once
#include <string>
#include <vector>

#include "yore/logic/formula.h"

namespace yore::compiler {

/// Names for `kept`, in that order: a short subformula is its own name, others are f1, f2 ... (with a longer
/// stem if letters of the alphabet are called so). Indexed by node; "" for nodes that are not kept.
std::vector<std::string> short_names(const logic::Formula& formula, const std::vector<logic::NodeId>& kept);

/// The subformula as text, on one line and without `let`, in which parts that `names` shortens stand by their
/// names; its own is not used.
std::string definition(const logic::Formula& formula, const std::vector<std::string>& names,
                       logic::NodeId id);

/// A node as an operand of a sum or a prefix: in parentheses if its text has an operator between operands.
std::string as_operand(const logic::Formula& formula, logic::NodeId id, const std::string& name);

/// The same node in another graph, which must not simplify if numbers are to stay what they are.
logic::NodeId add_node(logic::FormulaGraph& graph, logic::Op op, int value, std::vector<logic::NodeId> args);

}  // namespace yore::compiler

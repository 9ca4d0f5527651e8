// From gates that name their inputs by id, as both written forms do, to a Circuit.
#pragma once
#include <functional>

#include "yore/circuits/circuit.h"

namespace yore::circuits {

/// Where something was written: a path of keys, or a position in text.
struct Place {
  std::string path;
  std::size_t position = 0;
};
/// Throws an InputError that says where.
using Refuse = std::function<void(const Place&, const std::string&)>;

/// A gate by its id, as an input or an output.
struct Reference {
  std::int64_t id = 0;
  Place place;
};
struct WrittenGate {
  std::int64_t id = 0;
  Op op = Op::Input;
  std::vector<Reference> inputs;
  Rational value;
  Place place;
};

/// Throws by `refuse` for duplicate and dangling gates, ids out of range, and a number of inputs that the
/// operation does not take; then as complete().
Circuit resolve(std::vector<WrittenGate> gates, const std::vector<Reference>& outputs,
                const std::string& source, const Refuse& refuse);

/// "a product takes 2 inputs, found 3"; "" if the operation takes so many.
std::string wrong_count(Op op, std::size_t inputs);
/// "" if it is one.
std::string wrong_id(std::int64_t id);
/// Of a constant with which all so far have more than kMostBitsInAll bits.
std::string constants_too_long();
/// What wrong_id() says of an id out of range, for one that no 64 bits need hold.
std::string id_out_of_range(const std::string& id);

}  // namespace yore::circuits

// What stands where in the rows of a transformer that reads circuits: one coordinate, one meaning.
// docs/circuits.md says how they are used.
#pragma once
#include <array>
#include <cstdint>

namespace yore::circuits {

/// Coordinates of a token, which is a gate or an edge (an input of a gate). The first ten are given and never
/// change; a gate has 0 in those of edges, and the other way round.
enum Coordinate : std::int64_t {
  kOne,           ///< 1
  kId,            ///< gate: id + 1
  kIdSquare,      ///< gate: (id + 1)^2
  kLooksFor,      ///< gate: id + 1 if it has inputs, else 0: whose edges it gathers
  kFanIn,         ///< sum gate: how many inputs it has
  kIsSign,        ///< sign gate: 1
  kSource,        ///< edge: id + 1 of the gate that it reads
  kTarget,        ///< edge: id + 1 of the gate that reads it
  kTargetSquare,  ///< edge: the square of that
  kIsFirst,   ///< edge: 1 if it carries a term of a sum, a product's first factor, or what a sign is taken of
  kIsSecond,  ///< edge: 1 if it carries a product's second factor
  kGiven,     ///< gate: the value of an input or constant
  kComputed,  ///< gate: the value that it has computed
  kRead,      ///< edge: the value that it has read
  kFirst,     ///< edge: its value, if it is a first one; gate: the mean of these over its edges
  kSecond,    ///< the same of second ones
  kWidth
};

struct CoordinateName {
  const char* name;
  const char* meaning;
};
inline constexpr std::array<CoordinateName, kWidth> kCoordinates = {{
    {"one", "1"},
    {"id", "gate: id + 1"},
    {"id^2", "gate: its square"},
    {"looks for", "gate with inputs: id + 1"},
    {"fan-in", "sum gate: number of inputs"},
    {"is sign", "sign gate: 1"},
    {"source", "edge: id + 1 of the gate it reads"},
    {"target", "edge: id + 1 of the gate it feeds"},
    {"target^2", "edge: its square"},
    {"is first", "edge of a sum, a sign, or a first factor: 1"},
    {"is second", "edge of a second factor: 1"},
    {"given", "gate: value of an input or constant"},
    {"computed", "gate: value it has computed"},
    {"read", "edge: value it has read"},
    {"first", "edge: value if first; gate: their mean"},
    {"second", "edge: value if second; gate: their mean"},
}};

}  // namespace yore::circuits

#include "python/stable/tensors.h"

namespace yore::python {

std::vector<std::int64_t> starts_of(const std::string& op, const char* name, const Tensor& x,
                                    std::int64_t rows) {
  const std::string which = name;
  const ScalarType type = x.scalar_type();
  if (x.dim() != 1 || (type != ScalarType::Int && type != ScalarType::Long))
    refuse(op, which + " must be one row of Int or Long, got " + std::to_string(x.dim()) + " dimensions of " +
                   name_of(type));
  if (!x.is_cpu()) refuse(op, which + " must be on the CPU");
  const Tensor row = contiguous_as(x, ScalarType::Long);
  const std::int64_t* first = data_of<const std::int64_t>(row);
  std::vector<std::int64_t> starts(first, first + row.numel());
  if (starts.empty() || starts.front() != 0) refuse(op, which + " must begin with 0");
  for (std::size_t b = 1; b < starts.size(); ++b)
    if (starts[b] < starts[b - 1])
      refuse(op, which + " must not fall, got " + std::to_string(starts[b]) + " after " +
                     std::to_string(starts[b - 1]) + " at place " + std::to_string(b));
  if (starts.back() != rows)
    refuse(op, which + " must end at the number of rows, " + std::to_string(rows) + ", got " +
                   std::to_string(starts.back()));
  return starts;
}

}  // namespace yore::python

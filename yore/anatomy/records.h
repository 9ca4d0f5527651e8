// What was found inside a model, as files for programs.
#pragma once
#include <map>
#include <string>

#include "yore/anatomy/inspect.h"
#include "yore/base/files.h"

namespace yore::anatomy {

using base::Json;

/// Everything but the numbers of each token and each coordinate, which are in the tables. What does not exist
/// is null.
Json to_json(const Inspection& inspection);

/// CSV files by name: heads.csv (a line a head), stream.csv (a line a place of the residual stream),
/// norms.csv (a line a token), coordinates.csv (a line a coordinate), gradients.csv (a line a layer),
/// map-LAYER-HEAD.csv, or map-LAYER-HEAD-FIRST-LAST.csv of a part of the text, and proxies-TAU.csv (a line a
/// token).
std::map<std::string, std::string> to_tables(const Inspection& inspection);
/// Whether it is a name of one of these.
bool is_table(const std::string& name);

}  // namespace yore::anatomy

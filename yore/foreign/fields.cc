#include "yore/foreign/fields.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/base/fields.h"

namespace yore::foreign {

Fields::Fields(Json object, std::string source, std::string place, std::map<std::string, std::string> shown)
    : object_(std::move(object)),
      source_(std::move(source)),
      place_(std::move(place)),
      shown_(std::move(shown)) {
  if (!object_.is_object())
    base::fields::refuse({source_}, place_.empty() ? place_ : place_.substr(0, place_.size() - 1),
                         "an object", object_);
}

const Json* Fields::find(const std::string& name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::refuse(const std::string& name, const std::string& expected) const {
  const auto its = shown_.find(name);
  const std::string shown = its == shown_.end() ? place_ + name : its->second;
  if (const Json* found = find(name)) base::fields::refuse({source_}, shown, expected, *found);
  throw base::InputError(source_, fmt::format("{} is missing, expected {}", shown, expected));
}

bool Fields::has(const std::string& name) const {
  return find(name) != nullptr;
}

bool Fields::is_null(const std::string& name) const {
  const auto found = object_.find(name);
  return found != object_.end() && found->is_null();
}

std::int64_t Fields::whole(const std::string& name, std::int64_t least) const {
  const Json* found = find(name);
  const bool fine = found != nullptr && found->is_number_integer() &&
                    (!found->is_number_unsigned() || found->get<std::uint64_t>() <= std::uint64_t{1} << 62) &&
                    found->get<std::int64_t>() >= least;
  require(fine, name, fmt::format("a whole number of at least {}", least));
  return found->get<std::int64_t>();
}

std::int64_t Fields::whole(const std::string& name, std::int64_t least, std::int64_t fallback) const {
  return has(name) ? whole(name, least) : fallback;
}

double Fields::number(const std::string& name) const {
  const Json* found = find(name);
  require(found != nullptr && found->is_number() && std::isfinite(found->get<double>()), name, "a number");
  return found->get<double>();
}

double Fields::number(const std::string& name, double fallback) const {
  return has(name) ? number(name) : fallback;
}

bool Fields::flag(const std::string& name, bool fallback) const {
  const Json* found = find(name);
  if (found == nullptr) return fallback;
  require(found->is_boolean(), name, "true or false");
  return found->get<bool>();
}

std::string Fields::text(const std::string& name) const {
  const Json* found = find(name);
  require(found != nullptr && found->is_string(), name, "a text");
  return found->get<std::string>();
}

std::string Fields::text(const std::string& name, const std::string& fallback) const {
  return has(name) ? text(name) : fallback;
}

std::vector<std::string> Fields::texts(const std::string& name) const {
  const Json* found = find(name);
  require(found != nullptr && found->is_array(), name, "a list of texts");
  std::vector<std::string> all;
  for (const Json& item : *found) {
    require(item.is_string(), name, "a list of texts");
    all.push_back(item.get<std::string>());
  }
  return all;
}

Fields Fields::inner(const std::string& name) const {
  const Json* found = find(name);
  return {found == nullptr ? Json::object() : *found, source_, place_ + name + "."};
}

}  // namespace yore::foreign

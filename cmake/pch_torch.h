// The one precompiled header of the tensor half: what its files name of torch, and no more (all of torch/nn.h
// takes twice the time, here and for whoever loads the copy). It must not be included by hand: name the
// narrow header you use.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Before what only declares it: clang instantiates lists of it there.
#include <ATen/core/ivalue.h>

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <nlohmann/json.hpp>

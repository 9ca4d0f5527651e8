// The scan token by token, over a state that can be rolled back.
#pragma once
#include <memory>
#include <string>

#include "yore/mixers/common/recurrent_state.h"
#include "yore/mixers/common/scan.h"

namespace yore::mixers::scan {

/// The states of `batch` sequences before their first tokens. `kind` is as in RecurrentSetting.
template <class T>
std::unique_ptr<RecurrentState<T>> start(const Setting& setting, const std::string& kind, std::int64_t batch,
                                         std::int64_t rollback, std::int64_t max_tokens);

/// Takes the problem's tokens in and writes out. problem.setting is that of start(), problem.initial is not
/// read. Throws as RecurrentState::advance, and std::invalid_argument for a log_decay that is too high,
/// naming its place; nothing has changed then.
template <class T>
void advance(RecurrentState<T>& state, const Problem<T>& problem, Rows<T> out);

}  // namespace yore::mixers::scan

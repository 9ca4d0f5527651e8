// What a model has read, on disk, to go on from later.
//
// A safetensors file with checksums. Arrays: "tokens" (I64, all that was read), "logits" (F64, of the next
// token), "blocks.N" (U8, what mixers::State::save gives, in the byte order of the machine). Metadata says
// whose state it is: the model's description and a checksum of its weights.
#pragma once
#include <filesystem>

#include "yore/model/reading.h"

namespace yore::model {

/// Throws std::invalid_argument where nothing was read or the last token was taken back, InputError where the
/// file cannot be written.
void write_snapshot(const std::filesystem::path& path, const Model& model, const Reading& reading);

/// The reading of the same model, to the bit, with the rollback that it had. Throws InputError naming the
/// file and, where the state is of another model or of another setting of its mixers, what differs.
Reading read_snapshot(const std::filesystem::path& path, const Model& model);

}  // namespace yore::model

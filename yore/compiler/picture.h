// A compiled network as a picture: Graphviz text with the names of its coordinates and heads.
#pragma once
#include <string>
#include <vector>

#include "yore/compiler/network.h"

namespace yore::compiler {

struct PictureOptions {
  bool legend = true;  ///< below the picture: what the short names mean, and how to read it
};

/// One column a stage, from the embedding to the read-out. A box s<stage>_x<coordinate> is a coordinate from
/// the stage on that writes it, with what it holds and, in feed-forward columns, the weighted sums that
/// decide it; a head b<block>_h<number> stands between what it reads and what it writes. An edge stands
/// exactly where a weight is not 0; its comment is that weight (of a sum: as the sum's row has it). Into a
/// head of delta steps one edge stands for all weights that read a coordinate; its comment is their number. A
/// coordinate that a distant column reads is repeated there, as s<stage>_x<coordinate>_at<reading stage>.
/// Invisible edges, which keep the columns in order, join nodes c0, c1 ...
std::string dot_of(const Network& network, const PictureOptions& options = {});
std::string dot_of(const Manifest& manifest, const arch::ModelFile& file, const PictureOptions& options = {});

/// How to read the picture, point by point: of what is in it.
std::vector<std::string> picture_key(const Network& network);

}  // namespace yore::compiler

/* Mechanisms token by token for C, and for any language that calls C: a state takes tokens in, can be copied,
 * rolled back, saved and restored. The C++ of it: state.h. Errors and types: attention/c_api.h.
 *
 *     yore_state_setting s = {.size = sizeof s, .mechanism = YORE_SCAN, .type = YORE_F32, .batch = 1,
 *                             .heads = 4, .key_heads = 4, .key_dim = 64, .value_dim = 64, .scale = 0.125,
 *                             .delta = 1};
 *     yore_state* state;
 *     if (yore_state_start(&s, &state) != YORE_OK) puts(yore_last_error());
 *     int64_t starts[] = {0, 1};  // one token
 *     yore_tokens t = {.size = sizeof t, .q = q, .k = k, .v = v, .beta = beta};
 *     yore_state_advance(state, starts, &t, out);
 *     yore_state_free(state);
 *
 * One state is used by one thread at a time. */
#pragma once
#include "yore/mixers/attention/c_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a state is of. */
typedef enum yore_mechanism {
  YORE_ATTENTION = 0, /**< softmax attention: the last keys and values */
  YORE_SCAN = 1,      /**< linear attention, retention, GLA, Mamba-2, delta rules: common/scan.h */
  YORE_SLOTS = 2,     /**< gated slot attention, ABC, blurry windows: common/slots.h */
  YORE_CONV = 3       /**< the short convolution: common/short_conv.h */
} yore_mechanism;

/** What the state of a scan or of slots is multiplied by before each write. */
typedef enum yore_decay {
  YORE_DECAY_NONE = 0,
  YORE_DECAY_HEAD = 1,
  YORE_DECAY_KEY = 2,
  YORE_DECAY_VALUE = 3
} yore_decay;

/** Shapes and constants; members that do not name a mechanism stay 0 with it, which is checked. */
typedef struct yore_state_setting {
  size_t size;                /**< sizeof(yore_state_setting) */
  int32_t mechanism;          /**< a yore_mechanism */
  int32_t type;               /**< YORE_F32 or YORE_F64, of everything */
  int64_t batch;              /**< sequences, at least 1 */
  int64_t rollback;           /**< tokens that can always be taken back */
  int64_t max_tokens;         /**< most tokens of a sequence; 0 = no bound */
  int32_t heads;              /**< of q (attention), of v (scan, slots) */
  int32_t key_heads;          /**< of k and v (attention), of q and k (scan, slots); divides heads */
  int32_t key_dim;            /**< of q and k */
  int32_t value_dim;          /**< of v and out */
  double scale;               /**< factor on q.k, or on outputs of a scan; attention: 0 = 1 / sqrt(key_dim) */
  int32_t strict;             /**< attention: 1 = a position does not see itself */
  int32_t sinks;              /**< attention: first keys that stay visible */
  const int32_t* lookback;    /**< attention: [heads], -1 = all; null = all -1 */
  const double* alibi_slopes; /**< attention: [heads]; null = none */
  double soft_cap;            /**< attention: 0 = none */
  int32_t decay;    /**< scan: a yore_decay. Slots fade with YORE_DECAY_KEY and erase by the delta rule with
                       YORE_DECAY_NONE */
  int32_t delta;    /**< scan: 1 = the delta rule */
  int32_t grows;    /**< scan, slots: 1 = log_decay may be a little above 0 */
  int32_t slots;    /**< slots: how many */
  int64_t channels; /**< conv */
  int64_t width;    /**< conv: taps, the token's own included */
} yore_state_setting;

/** Tokens of all sequences behind one another, contiguous arrays of the state's type; null = not there. */
typedef struct yore_tokens {
  size_t size;   /**< sizeof(yore_tokens) */
  const void* q; /**< [N, heads or key_heads, key_dim]; conv: x [N, channels] */
  const void* k; /**< [N, key_heads, key_dim] */
  const void* v; /**< [N, key_heads or heads, value_dim] */
  const void*
      log_decay;      /**< scan: [N, heads] or [N, heads, key_dim or value_dim]; slots: [N, heads, slots] */
  const void* beta;   /**< scan: [N, heads], null = 1; slots: what is written, [N, heads, slots] */
  const void* filled; /**< slots: [N, heads, slots], null = 1 */
  const void* bias;   /**< slots: [N, heads, slots], null = 0; conv: [channels], null = 0 */
  const void* weight; /**< conv: [width, channels]; attention: sink logits [heads], null = none */
  int32_t threads;    /**< 0 = OpenMP's default */
} yore_tokens;

typedef struct yore_state yore_state;

/** A state before the first tokens, for yore_state_free. */
int yore_state_start(const yore_state_setting* setting, yore_state** state);
/** Sequence b takes in rows starts[b] .. starts[b + 1] - 1 (perhaps none; starts: [batch + 1]) and writes
 * theirs of out, [N, heads, value_dim] or [N, channels]. Changes nothing where it is refused. */
int yore_state_advance(yore_state* state, const int64_t* starts, const yore_tokens* tokens, void* out);
/** Forgets the last `tokens` tokens of a sequence (-1: of every one); refused, changing nothing, if what came
 * before is gone. */
int yore_state_roll_back(yore_state* state, int64_t sequence, int64_t tokens);
/** Tokens taken in by a sequence. */
int yore_state_length(const yore_state* state, int64_t sequence, int64_t* tokens);
/** Memory allocated for what is remembered. */
int yore_state_bytes(const yore_state* state, size_t* bytes);
int yore_state_copy(const yore_state* state, yore_state** copy);
/** The state as bytes, in the machine's order: *size of them, written if `room` is enough (to = null: only
 * asked). Their format has a number, and versions of yore with another one refuse them. */
int yore_state_save(const yore_state* state, void* to, size_t room, size_t* size);
/** Takes on what was saved from a state of the same setting; anything else is refused, changing nothing. */
int yore_state_restore(yore_state* state, const void* saved, size_t size);
/** Null is taken. */
void yore_state_free(yore_state* state);

#ifdef __cplusplus
}
#endif

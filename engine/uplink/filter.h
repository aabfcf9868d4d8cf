/* SPDX-License-Identifier: Apache-2.0
 * Records of a batch that another privacy policy packed (proto/wire/policy.h). */
#ifndef PLATEN_UPLINK_FILTER_H
#define PLATEN_UPLINK_FILTER_H

#include "proto/base/buf.h"
#include "proto/wire/policy.h"

/* Replaces each record of the body that has another policy's id by what the policy admits of it,
 * under its own number. A record that cannot be read becomes its number alone, which the hub
 * refuses. Blocks: on a worker. 0, or an error, and the body must not leave. */
int batch_filter(const struct policy *p, struct buf *body) MUST_USE;

#endif

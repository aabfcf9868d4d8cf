/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATEN_BASE_ZONE_INTERNAL_H
#define PLATEN_BASE_ZONE_INTERNAL_H

#include "proto/base/zone.h"

/* Bounds of RFC 8536, 3.2: more than -25 h, less than +26 h. */
enum { ZONE_OFFSET_MIN_S = -89999, ZONE_OFFSET_MAX_S = 93599 };

/* A TZ string of POSIX with the extensions of RFC 8536, 3.3.1; not NUL-terminated. An empty one
 * gives no rule. 0 or ERR_FORMAT. */
int zone_rule_parse(struct zone_rule *rule, const char *text, size_t len) MUST_USE;
int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t unix_s);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Texts that devices return in place of a value that was never set: "NULL", "N/A", "XXXXXXXXXX",
 * "0000000000", "----", "unknown". One list for every text of SNMP and of IPP. */
#ifndef PLATEN_BASE_PLACEHOLDER_H
#define PLATEN_BASE_PLACEHOLDER_H

#include "proto/base/str.h"

/* Whether the text names nothing: empty, without letters and digits, zeros only ("0.00"), one
 * character repeated, or a word of the list in any case and punctuation. Not for values of which
 * "0" and "none" are proper ones: counts and settings. */
bool text_is_placeholder(struct text t);

/* t, or the empty text for a placeholder. */
struct text text_known(struct text t);

#endif

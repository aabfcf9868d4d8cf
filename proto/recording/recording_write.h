/* SPDX-License-Identifier: Apache-2.0
 * Writes recordings: the sub-trees to record, and each varbind as a line of a .snmprec file
 * (OID|TAG|VALUE, snmpsim's format). Personal data is masked at equal length: contact, name,
 * location and the like whole, every e-mail address, and on request a serial number. No sub-tree
 * has job lists or address books. */
#ifndef PLATEN_RECORDING_RECORDING_WRITE_H
#define PLATEN_RECORDING_RECORDING_WRITE_H

#include "proto/base/buf.h"
#include "proto/base/str.h"
#include "proto/smi/oid.h"
#include "proto/smi/varbind.h"

#include <stddef.h>

/* The i-th sub-tree to record, dotted, in ascending order; NULL after the last. */
const char *recording_subtree(size_t i);

/* Appends the line of one varbind, with every occurrence of `serial` (may be empty) masked. 0, or
 * ERR_FULL with dst unchanged. Values of types that the format does not have are left out. */
int recording_write(struct buf *dst, const struct varbind *vb, struct text serial) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A recording of our own: which sub-trees of a printer are recorded, and each varbind as a line of
 * a .snmprec file (OID|TAG|VALUE, as snmpsim writes them). People's words are made unreadable at
 * equal length: contact, name, location and the like whole, e-mail addresses wherever they stand,
 * and a serial number if it is asked for. Job lists and address books are never in a sub-tree. */
#ifndef PLATEN_RECORDING_RECORDING_WRITE_H
#define PLATEN_RECORDING_RECORDING_WRITE_H

#include "proto/base/buf.h"
#include "proto/base/str.h"
#include "proto/smi/oid.h"
#include "proto/smi/varbind.h"

#include <stddef.h>

/* The i-th sub-tree to record, dotted, in ascending order; NULL behind the last. */
const char *recording_subtree(size_t i);

/* Appends the line of one varbind. `serial` (may be empty) is written over wherever it stands.
 * 0, or ERR_FULL with dst as before. Values of types that a recording does not know are left out.
 */
int recording_write(struct buf *dst, const struct varbind *vb, struct text serial) MUST_USE;

#endif

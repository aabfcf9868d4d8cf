/* SPDX-License-Identifier: Apache-2.0
 * Shared by json*.c. */
#ifndef PLATEN_DOCUMENT_JSON_INTERNAL_H
#define PLATEN_DOCUMENT_JSON_INTERNAL_H

#include "proto/reading/reading.h"
#include "proto/text/json_writer.h"

/* "oid", or "attribute" for a value read by IPP ("ipp:printer-impressions-completed"); nothing if
 * there is no source. */
void json_source(struct writer *w, struct oid_ber object, struct text source);

/* json_parts.c: the members that the groups options, media and maintenance add to a device. */
void json_options(struct writer *w, const struct reading *r);
void json_media(struct writer *w, const struct reading *r);
void json_maintenance(struct writer *w, const struct reading *r);

#endif

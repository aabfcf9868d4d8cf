/* SPDX-License-Identifier: Apache-2.0
 * What an answer to Get-Printer-Attributes means: the attributes of RFC 8011, PWG 5100.9 (alerts),
 * PWG 5100.13 (supplies, trays, firmware, counters) and CUPS (marker-*), folded into the same
 * reading, with the same names and the same honesty as proto/mib/mib folds SNMP. Pure: bytes in,
 * facts out.
 *
 * What IPP does not say stays absent: rows have no hrDeviceIndex (device is 0), a meter's source is
 * the attribute ("ipp:printer-impressions-completed"), and a group of which the answer holds no
 * attribute is GROUP_NOT_REQUESTED. Names of people, places and jobs are neither asked nor kept. */
#ifndef PLATEN_IPP_IPP_READING_H
#define PLATEN_IPP_IPP_READING_H

#include "proto/model/model.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes the body of one answer (no HTTP around it) and folds it into *r, which is open and empty;
 * sets the status of every group, but not its times. The reading keeps nothing of `bytes`. Vendors
 * are called as `models` calls them; NULL: as the printer does.
 *
 * 0, or a negative error: ERR_SHORT, ERR_FORMAT, ERR_LIMIT, ERR_VERSION (the bytes are no answer
 * that we can read), ERR_HTTP_STATUS (the printer answered with an IPP error status). `why` then
 * says the offset and the reason in words; after success it is empty. What was read before the
 * error is in the reading, and the groups that it belongs to are GROUP_PARTIAL, the others
 * GROUP_FAILED. */
int ipp_decode(struct reading *r, const struct models *models, const uint8_t *bytes, size_t len,
	char *why, size_t why_cap) MUST_USE;

/* What to ask for: the names for struct ipp_request, their number into *count. The printer's clock
 * is among them for those who keep the answer: the reading has no field for it. */
const char *const *ipp_attribute_names(size_t *count);

#endif

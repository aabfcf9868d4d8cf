/* SPDX-License-Identifier: Apache-2.0
 * The meaning of a response to Get-Printer-Attributes: the attributes of RFC 8011, PWG 5100.9
 * (alerts), PWG 5100.13 (supplies, trays, firmware, counters) and CUPS (marker-*), decoded into the
 * same struct reading, with the same names and rules, as proto/mib decodes SNMP. Pure.
 *
 * Fields that IPP does not have stay absent: rows have no hrDeviceIndex (device is 0), a meter's
 * source is the attribute ("ipp:printer-impressions-completed"), and a group without attributes in
 * the response is GROUP_NOT_REQUESTED. Names of people, places and jobs are neither requested nor
 * kept. */
#ifndef PLATEN_IPP_IPP_READING_H
#define PLATEN_IPP_IPP_READING_H

#include "proto/model/model.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes the body of a response (without HTTP) into *r, which is open and empty, and sets the
 * status of every group, but not its times. The reading does not refer to `bytes`. Vendors get the
 * names of `models`; NULL: the printer's own.
 *
 * 0: all of it. Above 0: so many attributes or values are malformed; each costs itself alone, its
 * group is GROUP_PARTIAL, and `why` gives offset, reason and name of the first one. Below 0:
 * ERR_SHORT, ERR_FORMAT, ERR_LIMIT, ERR_VERSION (no readable response, or one that is cut off),
 * ERR_HTTP_STATUS (an IPP error status). Then `why` gives the offset and the reason. Values before
 * the error stay in the reading: their groups are GROUP_PARTIAL, the others GROUP_FAILED. */
int ipp_decode(struct reading *r, const struct models *models, const uint8_t *bytes, size_t len,
	char *why, size_t why_cap) MUST_USE;

/* The names for struct ipp_request, their number in *count. printer-current-time is among them for
 * callers that keep the response; the reading has no field for it. */
const char *const *ipp_attribute_names(size_t *count);

#endif

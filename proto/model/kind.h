/* SPDX-License-Identifier: Apache-2.0
 * The kind of a device that is no printer, by its system group: for counts and for
 * devices.accept. Pure. */
#ifndef PLATEN_MODEL_KIND_H
#define PLATEN_MODEL_KIND_H

#include "proto/reading/reading.h"

enum device_kind {
	KIND_QUEUES,   /* a computer that lists print queues as devices (hrDevicePrinter) */
	KIND_COMPUTER, /* server, workstation, hypervisor, management board */
	KIND_NETWORK,  /* switch, router, access point, firewall */
	KIND_STORAGE,
	KIND_POWER, /* UPS, power distribution */
	KIND_PHONE,
	KIND_CAMERA,
	KIND_OTHER, /* none of these */
	KIND_COUNT
};

/* Whether a sysDescr names a print server, a label printer or a scanner, of whatever vendor, and is
 * not the "uname -a" of an operating system, which has the host's name in it. */
bool device_is_named_as_printer(struct text sys_descr);

/* The kind of a device whose identity is not that of a printer. */
enum device_kind device_kind_of(const struct identity *id);

/* "other", "print-queues", "computer" ...: as in devices.accept. */
const char *device_kind_name(unsigned kind);

#endif

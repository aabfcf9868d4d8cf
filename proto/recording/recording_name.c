/* SPDX-License-Identifier: Apache-2.0
 * Symbolic names as net-snmp prints them without -On, as numbers. The table has the nodes that
 * occur in walks of printers; a line with another name is skipped. */
#include "proto/recording/recording_internal.h"

#include <string.h>

struct node {
	const char *name;
	const char *oid;
};

static const struct node nodes[] = {
	/* SNMPv2-SMI and roots */
	{"iso", "1"}, {"org", "1.3"}, {"dod", "1.3.6"}, {"internet", "1.3.6.1"},
	{"mgmt", "1.3.6.1.2"}, {"mib-2", "1.3.6.1.2.1"}, {"transmission", "1.3.6.1.2.1.10"},
	{"private", "1.3.6.1.4"}, {"enterprises", "1.3.6.1.4.1"}, {"snmpV2", "1.3.6.1.6"},
	{"snmpModules", "1.3.6.1.6.3"}, {"zeroDotZero", "0.0"},
	/* SNMPv2-MIB, DISMAN */
	{"sysDescr", "1.3.6.1.2.1.1.1"}, {"sysObjectID", "1.3.6.1.2.1.1.2"},
	{"sysUpTime", "1.3.6.1.2.1.1.3"}, {"sysUpTimeInstance", "1.3.6.1.2.1.1.3.0"},
	{"sysContact", "1.3.6.1.2.1.1.4"}, {"sysName", "1.3.6.1.2.1.1.5"},
	{"sysLocation", "1.3.6.1.2.1.1.6"}, {"sysServices", "1.3.6.1.2.1.1.7"},
	{"sysORLastChange", "1.3.6.1.2.1.1.8"}, {"sysORID", "1.3.6.1.2.1.1.9.1.2"},
	{"sysORDescr", "1.3.6.1.2.1.1.9.1.3"}, {"sysORUpTime", "1.3.6.1.2.1.1.9.1.4"},
	/* IF-MIB, IP-MIB */
	{"ifNumber", "1.3.6.1.2.1.2.1"}, {"ifIndex", "1.3.6.1.2.1.2.2.1.1"},
	{"ifDescr", "1.3.6.1.2.1.2.2.1.2"}, {"ifType", "1.3.6.1.2.1.2.2.1.3"},
	{"ifMtu", "1.3.6.1.2.1.2.2.1.4"}, {"ifSpeed", "1.3.6.1.2.1.2.2.1.5"},
	{"ifPhysAddress", "1.3.6.1.2.1.2.2.1.6"}, {"ifAdminStatus", "1.3.6.1.2.1.2.2.1.7"},
	{"ifOperStatus", "1.3.6.1.2.1.2.2.1.8"}, {"ipAdEntAddr", "1.3.6.1.2.1.4.20.1.1"},
	{"ipAdEntIfIndex", "1.3.6.1.2.1.4.20.1.2"}, {"ipAdEntNetMask", "1.3.6.1.2.1.4.20.1.3"},
	/* HOST-RESOURCES-MIB and -TYPES */
	{"hrSystemUptime", "1.3.6.1.2.1.25.1.1"}, {"hrSystemDate", "1.3.6.1.2.1.25.1.2"},
	{"hrStorageTypes", "1.3.6.1.2.1.25.2.1"}, {"hrMemorySize", "1.3.6.1.2.1.25.2.2"},
	{"hrStorageIndex", "1.3.6.1.2.1.25.2.3.1.1"}, {"hrStorageType", "1.3.6.1.2.1.25.2.3.1.2"},
	{"hrStorageDescr", "1.3.6.1.2.1.25.2.3.1.3"},
	{"hrStorageAllocationUnits", "1.3.6.1.2.1.25.2.3.1.4"},
	{"hrStorageSize", "1.3.6.1.2.1.25.2.3.1.5"}, {"hrStorageUsed", "1.3.6.1.2.1.25.2.3.1.6"},
	{"hrStorageAllocationFailures", "1.3.6.1.2.1.25.2.3.1.7"},
	{"hrStorageRam", "1.3.6.1.2.1.25.2.1.2"}, {"hrStorageFixedDisk", "1.3.6.1.2.1.25.2.1.4"},
	{"hrStorageFlashMemory", "1.3.6.1.2.1.25.2.1.9"}, {"hrDeviceTypes", "1.3.6.1.2.1.25.3.1"},
	{"hrDeviceOther", "1.3.6.1.2.1.25.3.1.1"}, {"hrDeviceProcessor", "1.3.6.1.2.1.25.3.1.3"},
	{"hrDeviceNetwork", "1.3.6.1.2.1.25.3.1.4"}, {"hrDevicePrinter", "1.3.6.1.2.1.25.3.1.5"},
	{"hrDeviceDiskStorage", "1.3.6.1.2.1.25.3.1.6"}, {"hrDeviceModem", "1.3.6.1.2.1.25.3.1.14"},
	{"hrDeviceIndex", "1.3.6.1.2.1.25.3.2.1.1"}, {"hrDeviceType", "1.3.6.1.2.1.25.3.2.1.2"},
	{"hrDeviceDescr", "1.3.6.1.2.1.25.3.2.1.3"}, {"hrDeviceID", "1.3.6.1.2.1.25.3.2.1.4"},
	{"hrDeviceStatus", "1.3.6.1.2.1.25.3.2.1.5"}, {"hrDeviceErrors", "1.3.6.1.2.1.25.3.2.1.6"},
	{"hrPrinterStatus", "1.3.6.1.2.1.25.3.5.1.1"},
	{"hrPrinterDetectedErrorState", "1.3.6.1.2.1.25.3.5.1.2"},
	{"hrSWInstalledIndex", "1.3.6.1.2.1.25.6.3.1.1"},
	{"hrSWInstalledName", "1.3.6.1.2.1.25.6.3.1.2"},
	{"hrSWInstalledID", "1.3.6.1.2.1.25.6.3.1.3"},
	{"hrSWInstalledType", "1.3.6.1.2.1.25.6.3.1.4"},
	{"hrSWInstalledDate", "1.3.6.1.2.1.25.6.3.1.5"},
	/* Printer-MIB */
	{"prtGeneralConfigChanges", "1.3.6.1.2.1.43.5.1.1.1"},
	{"prtGeneralCurrentLocalization", "1.3.6.1.2.1.43.5.1.1.2"},
	{"prtGeneralReset", "1.3.6.1.2.1.43.5.1.1.3"},
	{"prtGeneralCurrentOperator", "1.3.6.1.2.1.43.5.1.1.4"},
	{"prtGeneralServicePerson", "1.3.6.1.2.1.43.5.1.1.5"},
	{"prtGeneralPrinterName", "1.3.6.1.2.1.43.5.1.1.16"},
	{"prtGeneralSerialNumber", "1.3.6.1.2.1.43.5.1.1.17"},
	{"prtAlertCriticalEvents", "1.3.6.1.2.1.43.5.1.1.18"},
	{"prtAlertAllEvents", "1.3.6.1.2.1.43.5.1.1.19"},
	{"prtCoverDescription", "1.3.6.1.2.1.43.6.1.1.2"},
	{"prtCoverStatus", "1.3.6.1.2.1.43.6.1.1.3"},
	{"prtLocalizationLanguage", "1.3.6.1.2.1.43.7.1.1.2"},
	{"prtLocalizationCountry", "1.3.6.1.2.1.43.7.1.1.3"},
	{"prtLocalizationCharacterSet", "1.3.6.1.2.1.43.7.1.1.4"},
	{"prtInputType", "1.3.6.1.2.1.43.8.2.1.2"},
	{"prtInputMaxCapacity", "1.3.6.1.2.1.43.8.2.1.9"},
	{"prtInputCurrentLevel", "1.3.6.1.2.1.43.8.2.1.10"},
	{"prtInputStatus", "1.3.6.1.2.1.43.8.2.1.11"},
	{"prtInputMediaName", "1.3.6.1.2.1.43.8.2.1.12"},
	{"prtInputName", "1.3.6.1.2.1.43.8.2.1.13"},
	{"prtInputDescription", "1.3.6.1.2.1.43.8.2.1.18"},
	{"prtOutputMaxCapacity", "1.3.6.1.2.1.43.9.2.1.4"},
	{"prtOutputRemainingCapacity", "1.3.6.1.2.1.43.9.2.1.5"},
	{"prtOutputName", "1.3.6.1.2.1.43.9.2.1.7"},
	{"prtMarkerMarkTech", "1.3.6.1.2.1.43.10.2.1.2"},
	{"prtMarkerCounterUnit", "1.3.6.1.2.1.43.10.2.1.3"},
	{"prtMarkerLifeCount", "1.3.6.1.2.1.43.10.2.1.4"},
	{"prtMarkerPowerOnCount", "1.3.6.1.2.1.43.10.2.1.5"},
	{"prtMarkerStatus", "1.3.6.1.2.1.43.10.2.1.15"},
	{"prtMarkerSuppliesMarkerIndex", "1.3.6.1.2.1.43.11.1.1.2"},
	{"prtMarkerSuppliesColorantIndex", "1.3.6.1.2.1.43.11.1.1.3"},
	{"prtMarkerSuppliesClass", "1.3.6.1.2.1.43.11.1.1.4"},
	{"prtMarkerSuppliesType", "1.3.6.1.2.1.43.11.1.1.5"},
	{"prtMarkerSuppliesDescription", "1.3.6.1.2.1.43.11.1.1.6"},
	{"prtMarkerSuppliesSupplyUnit", "1.3.6.1.2.1.43.11.1.1.7"},
	{"prtMarkerSuppliesMaxCapacity", "1.3.6.1.2.1.43.11.1.1.8"},
	{"prtMarkerSuppliesLevel", "1.3.6.1.2.1.43.11.1.1.9"},
	{"prtMarkerColorantMarkerIndex", "1.3.6.1.2.1.43.12.1.1.2"},
	{"prtMarkerColorantRole", "1.3.6.1.2.1.43.12.1.1.3"},
	{"prtMarkerColorantValue", "1.3.6.1.2.1.43.12.1.1.4"},
	{"prtMarkerColorantTonality", "1.3.6.1.2.1.43.12.1.1.5"},
	{"prtInterpreterLangFamily", "1.3.6.1.2.1.43.15.1.1.2"},
	{"prtInterpreterDescription", "1.3.6.1.2.1.43.15.1.1.5"},
	{"prtConsoleDisplayBufferText", "1.3.6.1.2.1.43.16.5.1.2"},
	{"prtAlertSeverityLevel", "1.3.6.1.2.1.43.18.1.1.2"},
	{"prtAlertTrainingLevel", "1.3.6.1.2.1.43.18.1.1.3"},
	{"prtAlertGroup", "1.3.6.1.2.1.43.18.1.1.4"},
	{"prtAlertGroupIndex", "1.3.6.1.2.1.43.18.1.1.5"},
	{"prtAlertLocation", "1.3.6.1.2.1.43.18.1.1.6"},
	{"prtAlertCode", "1.3.6.1.2.1.43.18.1.1.7"},
	{"prtAlertDescription", "1.3.6.1.2.1.43.18.1.1.8"},
	{"prtAlertTime", "1.3.6.1.2.1.43.18.1.1.9"}};

int recording_name(struct oid *o, struct text t)
{
	if (t.len > 0 && (t.p[0] == '.' || (t.p[0] >= '0' && t.p[0] <= '9')))
		return oid_from(o, t);
	/* MODULE::name.1.2; the module is redundant. */
	for (size_t i = 0; i + 1 < t.len; i++) {
		if (t.p[i] == ':' && t.p[i + 1] == ':') {
			t.p += i + 2;
			t.len -= i + 2;
			break;
		}
	}
	size_t n = 0;
	while (n < t.len && t.p[n] != '.')
		n++;
	struct text word = {t.p, n};
	struct oid tail = {0};
	if (n + 1 < t.len && oid_from(&tail, (struct text){t.p + n + 1, t.len - n - 1}) < 0)
		return ERR_FORMAT;
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
		if (!text_is(word, nodes[i].name))
			continue;
		int err = oid_from_text(o, nodes[i].oid);
		if (err < 0 || o->len + tail.len > LIMIT_OID_SUBIDS)
			return ERR_LIMIT;
		memcpy(o->sub + o->len, tail.sub, tail.len * sizeof tail.sub[0]);
		o->len = (uint16_t)(o->len + tail.len);
		return 0;
	}
	return ERR_FORMAT;
}

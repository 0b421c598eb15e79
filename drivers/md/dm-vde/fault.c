// SPDX-License-Identifier: GPL-2.0-only
/* Faults of a volume: one table gives phrase and errno. */
#include "rules.h"

static const struct {
	int err;
	const char *phrase;
} faults[VDE_FAULTS_COUNT] = {
#define VDE_FAULT_ROW(name, err, phrase) { err, phrase },
	VDE_FAULTS(VDE_FAULT_ROW)
#undef VDE_FAULT_ROW
};

/**
 * vde_fault_phrase - say what a fault is
 * @fault: any value
 *
 * Return: a phrase without a full stop, never NULL.
 */
const char *vde_fault_phrase(enum vde_fault fault)
{
	if ((unsigned int)fault >= VDE_FAULTS_COUNT)
		return "unknown fault";
	return faults[fault].phrase;
}

/**
 * vde_fault_errno - errno of a fault
 * @fault: any value
 *
 * Return: 0 for VDE_FAULT_NONE, else a negative errno.
 */
int vde_fault_errno(enum vde_fault fault)
{
	if ((unsigned int)fault >= VDE_FAULTS_COUNT)
		return -EUCLEAN;
	return -faults[fault].err;
}

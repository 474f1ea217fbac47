/*
 * test_main.c - keeps the support archive from being empty; what tests share comes beside it
 */
#include "support/test.h"

# coding: no-such

"""The WeChat public account (公众号): verify, parse, render, send."""

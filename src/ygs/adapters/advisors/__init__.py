"""Language models as advisors: none, answers recorded before, and Gemini."""

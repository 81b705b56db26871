"""The official documents of people's mediation (调解文书) and the volume (卷宗) they make up."""

namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>One row of the table of endpoints in <c>docs/http.md</c>, with the rows that continue it.</summary>
internal sealed record DocumentedEndpoint(
    string Name,
    string Tag,
    IReadOnlyList<int> SuccessStatuses,
    IReadOnlyList<string> ProblemCodes,
    IReadOnlyList<string> Headers);

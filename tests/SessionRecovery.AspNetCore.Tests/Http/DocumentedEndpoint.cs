namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>Represents an endpoint in the table of endpoints in <c>docs/http.md</c>, which has one or more rows per endpoint.</summary>
internal sealed record DocumentedEndpoint(
    string Name,
    string Tag,
    IReadOnlyList<int> SuccessStatuses,
    IReadOnlyList<string> ProblemCodes,
    IReadOnlyList<string> Headers);

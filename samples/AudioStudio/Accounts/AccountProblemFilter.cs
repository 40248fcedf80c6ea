using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AudioStudio.Accounts;

/// <summary>
/// Adds a stable <c>code</c> to the problem responses of ASP.NET Core Identity, in the same format as in the problems of SessionRecovery.
/// </summary>
internal sealed class AccountProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        var innermost = result;
        while (innermost is INestedHttpResult nested)
        {
            innermost = nested.Result;
        }

        if (ToProblem(innermost) is { } problem)
        {
            problem.Extensions.TryAdd("code", GetCode(problem));
        }

        return result;
    }

    private static ProblemDetails? ToProblem(object? result) => result switch
    {
        ProblemHttpResult problem => problem.ProblemDetails,
        ValidationProblem validation => validation.ProblemDetails,
        _ => null,
    };

    private static string GetCode(ProblemDetails problem) => problem switch
    {
        HttpValidationProblemDetails { Errors: var errors } when errors.ContainsKey("DuplicateUserName") => "account_exists",
        HttpValidationProblemDetails { Errors: var errors } when errors.ContainsKey("InvalidEmail") => "invalid_email",
        HttpValidationProblemDetails { Errors: var errors } when errors.ContainsKey("DuplicateEmail") => "account_exists",
        HttpValidationProblemDetails { Errors: var errors } when errors.ContainsKey("PasswordTooShort") => "password_too_short",
        HttpValidationProblemDetails { Errors: var errors } when errors.ContainsKey("PasswordTooLong") => "password_too_long",
        HttpValidationProblemDetails => "invalid_account",
        { Status: StatusCodes.Status401Unauthorized, Detail: "LockedOut" } => "account_locked",
        { Status: StatusCodes.Status401Unauthorized } => "sign_in_failed",
        _ => "account_problem",
    };
}
